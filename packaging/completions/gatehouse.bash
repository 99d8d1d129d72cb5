# bash completion for gatehouse(1)
_gatehouse() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'serve validate explain reload purge status plugin policy token sign iam schema version --help --version' -- "$word")
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
  if [[ $command == iam ]]; then
    local operations operation=
    operations='init reseal create-user get-user list-users update-user delete-user create-access-key list-access-keys'
    operations+=' update-access-key delete-access-key get-access-key-last-used create-group get-group list-groups update-group'
    operations+=' delete-group add-user-to-group remove-user-from-group list-groups-for-user create-role get-role list-roles'
    operations+=' update-role update-role-description update-assume-role-policy delete-role list-instance-profiles-for-role'
    operations+=' revoke-sessions put-user-policy'
    operations+=' get-user-policy delete-user-policy list-user-policies put-group-policy get-group-policy delete-group-policy'
    operations+=' list-group-policies put-role-policy get-role-policy delete-role-policy list-role-policies attach-user-policy'
    operations+=' detach-user-policy list-attached-user-policies attach-group-policy detach-group-policy'
    operations+=' list-attached-group-policies attach-role-policy detach-role-policy list-attached-role-policies create-policy'
    operations+=' get-policy list-policies delete-policy create-policy-version get-policy-version list-policy-versions'
    operations+=' delete-policy-version set-default-policy-version put-user-permissions-boundary'
    operations+=' delete-user-permissions-boundary put-role-permissions-boundary delete-role-permissions-boundary tag-user'
    operations+=' untag-user list-user-tags tag-role untag-role list-role-tags tag-policy untag-policy list-policy-tags'
    operations+=' tag-open-id-connect-provider untag-open-id-connect-provider list-open-id-connect-provider-tags'
    operations+=' create-open-id-connect-provider get-open-id-connect-provider list-open-id-connect-providers'
    operations+=' delete-open-id-connect-provider add-client-id-to-open-id-connect-provider'
    operations+=' remove-client-id-from-open-id-connect-provider update-open-id-connect-provider-thumbprint'
    operations+=' get-account-summary create-identity-pool describe-identity-pool list-identity-pools update-identity-pool'
    operations+=' delete-identity-pool set-identity-pool-roles set-principal-tag-attribute-map'
    for words in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
      [[ " $operations " == *" $words "* ]] && operation=$words
    done
    words='--config --store --master-key --account --json'
    if [[ $before == -c || $before == --config || $before == *-file ]]; then
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
    elif [[ $before == --store ]]; then
      mapfile -t COMPREPLY < <(compgen -W 'sqlite: postgresql: file:' -- "$word")
    elif [[ $before == --master-key ]]; then
      mapfile -t COMPREPLY < <(compgen -W 'file: env: credential:' -- "$word")
    elif [[ $before == --account ]]; then
      return
    elif [[ -z $operation ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$operations $words --help" -- "$word")
    elif [[ $word == -* ]]; then
      words+=" $(gatehouse iam "$operation" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+')"
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    fi
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
    explain) words='--from --host --header --as --request --admin --json' ;;
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
