# SPDX-License-Identifier: Apache-2.0
# bash completion for srvaudit; the words come from the program's own help,
# those that four of the options take from here.

# The words that an option takes.
_srvaudit_values()
{
    case $1 in
    -f | --format) echo text json ;;
    --color) echo auto always never ;;
    --fail-on) echo critical high medium low info never ;;
    --min-severity) echo critical high medium low info ;;
    esac
}

_srvaudit()
{
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=
    case ${COMP_WORDS[1]-} in url | secrets | checks | explain) command=${COMP_WORDS[1]} ;; esac
    case $before in
    --only | --skip)
        mapfile -t COMPREPLY < <(compgen -W "$(srvaudit checks | cut -d' ' -f1)" -- "$cur")
        return
        ;;
    -f | --format | --fail-on | --min-severity | --color)
        mapfile -t COMPREPLY < <(compgen -W "$(_srvaudit_values "$before")" -- "$cur")
        return
        ;;
    --client | --jobs)
        COMPREPLY=()
        return
        ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "$(srvaudit $command --help | sed -n 's/^  ....\(--[a-z-]*\).*/\1/p')" -- "$cur")
    elif [[ $command == explain ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(srvaudit checks | cut -d' ' -f1)" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur"
            [[ $COMP_CWORD -gt 1 ]] || compgen -W 'url secrets checks explain' -- "$cur")
    fi
}
complete -F _srvaudit srvaudit
