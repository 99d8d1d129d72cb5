# bash completion for gatehouse(1)
_gatehouse() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'serve validate explain reload purge status plugin policy token sign schema version --help --version' -- "$word")
    return
  fi
  if [[ $command == plugin ]]; then
    case ${COMP_WORDS[2]} in
      new) words='--async --c --rust --category --id --dir' ;;
      check) words='--settings --http --fuzz --seed --only --timeout --jobs --json' ;;
      inspect) words='--load --json' ;;
      docs) words='--markdown --json' ;;
      bench) words='--settings --threads --seconds --json' ;;
    esac
    if [[ $before == --category ]]; then
      mapfile -t COMPREPLY < <(compgen -W 'identity network resource' -- "$word")
    elif ((COMP_CWORD == 2)); then
      mapfile -t COMPREPLY < <(compgen -W 'new check inspect docs bench' -- "$word")
    elif [[ $word == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word")
    elif [[ ${COMP_WORDS[2]} != new || $before == --dir ]]; then
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
    return
  fi
  if [[ $command == policy ]]; then
    if ((COMP_CWORD == 2)); then
      mapfile -t COMPREPLY < <(compgen -W 'eval validate' -- "$word")
    elif [[ $before == --kind ]]; then
      mapfile -t COMPREPLY < <(compgen -W 'resource identity boundary session guardrail endpoint trust authorizer' -- "$word")
    elif [[ $before == --api-arn ]]; then
      return
    elif [[ $word == -* ]]; then
      case ${COMP_WORDS[2]} in
        eval) words='--jsonl --explain --json' ;;
        validate) words='--kind --api-arn --strict --json' ;;
      esac
      mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word")
    else
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
    return
  fi
  if [[ $command == token ]]; then
    if ((COMP_CWORD == 2)); then
      mapfile -t COMPREPLY < <(compgen -W 'inspect verify issue' -- "$word")
      return
    fi
    case $before in
      --jwks | --key)
        if [[ ${COMP_WORDS[2]} != issue || $before == --key ]]; then
          mapfile -t COMPREPLY < <(compgen -f -- "$word")
          return
        fi
        ;;
      --algorithm)
        mapfile -t COMPREPLY < <(compgen -W 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA' -- "$word")
        return
        ;;
      --cognito)
        mapfile -t COMPREPLY < <(compgen -W 'id access' -- "$word")
        return
        ;;
      --new-key)
        mapfile -t COMPREPLY < <(compgen -W 'rsa p256 p384 p521 ed25519' -- "$word")
        return
        ;;
    esac
    case ${COMP_WORDS[2]} in
      inspect) words='--now --json' ;;
      verify)
        words='--jwks --issuer --audience --allow-any-audience --scope --algorithm --typ --claim --skew --max-bytes --now'
        words+=' --cognito --json'
        ;;
      issue)
        words='--key --new-key --jwks --algorithm --kid --typ --issuer --audience --subject --scope --claim --expires-in'
        words+=' --now'
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word")
    return
  fi
  case $before in
    -c | --config | --admin)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --compare)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --from | --host | --header | --request | --ready-fd | --authorizer | --stage) return ;;
    --region | --service | --access-key-id | --secret-access-key | --session-token | --profile | --body | --presign | --date) return ;;
  esac
  case $command in
    serve) words='--config --ready-fd' ;;
    validate) words='--json' ;;
    explain) words='--from --host --header --request --admin --json' ;;
    purge) words='--authorizer --stage --admin --json' ;;
    reload | status) words='--admin --json' ;;
    sign)
      words='--region --service --access-key-id --secret-access-key --session-token --profile --header --body --presign'
      words+=' --date --compare --json'
      ;;
    version) words='--json' ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word")
  elif [[ $command == validate || ($command == explain && $COMP_CWORD == 2) ]]; then
    mapfile -t COMPREPLY < <(compgen -f -X '!*.y?(a)ml' -- "$word" && compgen -d -- "$word")
  elif [[ ($command == explain && $COMP_CWORD == 3) || ($command == sign && $COMP_CWORD == 2) ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'GET POST PUT PATCH DELETE HEAD OPTIONS' -- "$word")
  fi
}
complete -o filenames -F _gatehouse gatehouse
