# SPDX-License-Identifier: Apache-2.0
# fish completion for srvaudit; the words come from the program's own help,
# those that four of the options take from here.
function __srvaudit_command
    set -l words (commandline -opc)
    contains -- "$words[2]" url secrets checks explain; and echo $words[2]
end

function __srvaudit_options
    srvaudit (__srvaudit_command) --help |
        string match -rg '^  ....(--[a-z-]*)(?: [A-Z]+)? +(.*)' |
        while read -l name; and read -l help
            printf '%s\t%s\n' $name $help
        end
end

# The words that the option before takes; status 1 if it takes a file, or there is none.
function __srvaudit_values
    set -l words (commandline -opc)
    switch $words[-1]
        case --only --skip
            srvaudit checks | string replace -r ' .*' ''
        case -f --format
            printf '%s\n' text json
        case --color
            printf '%s\n' auto always never
        case --fail-on
            printf '%s\n' critical high medium low info never
        case --min-severity
            printf '%s\n' critical high medium low info
        case '*'
            return 1
    end
end

complete -c srvaudit -n '__srvaudit_values >/dev/null' -f -a '(__srvaudit_values)'
complete -c srvaudit -n 'test (count (commandline -opc)) -eq 1' -a 'url secrets checks explain'
complete -c srvaudit -n 'test "$(__srvaudit_command)" = explain' -f \
    -a '(srvaudit checks | string replace -r " .*" "")'
complete -c srvaudit -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__srvaudit_options)'
