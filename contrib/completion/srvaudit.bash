# SPDX-License-Identifier: Apache-2.0
# bash completion for srvaudit; the words come from the program's own help.
_srvaudit()
{
    local cur=${COMP_WORDS[COMP_CWORD]} command=
    case ${COMP_WORDS[1]-} in url | secrets | checks | explain) command=${COMP_WORDS[1]} ;; esac
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
