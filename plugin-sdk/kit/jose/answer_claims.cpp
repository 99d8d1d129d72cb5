#include "gatehouse/kit/jose/answer_claims.hpp"

namespace gatehouse::kit::jose {

void put_claims(Answer& answer, const Json& claims) {
  for (std::size_t i = 0; i < claims.children.size(); ++i) {
    const Json& value = claims.children[i];
    switch (value.kind) {
      case Json::Kind::Null:
        answer.claim(claims.names[i], {}, GH_T_NULL);
        break;
      case Json::Kind::Bool:
        answer.claim(claims.names[i], value.text, GH_T_BOOL);
        break;
      case Json::Kind::Number:
        answer.claim(claims.names[i], value.text, GH_T_NUMBER);
        break;
      case Json::Kind::String:
        answer.claim(claims.names[i], value.text);
        break;
      case Json::Kind::Array:
      case Json::Kind::Object:
        answer.claim(claims.names[i], write_json(value), GH_T_JSON);
        break;
    }
  }
}

}  // namespace gatehouse::kit::jose
