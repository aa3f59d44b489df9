// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <string>
#include <vector>

#include "program.hpp"

namespace annals::cli {
namespace {

/// A command with what may follow it: sub-commands, long options.
struct Words {
    std::string path;  ///< "annals stream read"
    std::string words;
};

std::string words_of(const CLI::App& app) {
    std::string words;
    for (const CLI::App* sub : app.get_subcommands({})) words += sub->get_name() + " ";
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
    }
    return words;
}

void collect(const CLI::App& app, const std::string& path, std::vector<Words>& found) {
    found.push_back({path, words_of(app)});
    for (const CLI::App* sub : app.get_subcommands({})) {
        collect(*sub, path + " " + sub->get_name(), found);
    }
}

/// Completes by the longest known command before the cursor; bash and zsh (by bashcompinit) share
/// it.
std::string bash_script(const std::vector<Words>& all) {
    std::string script =
        "# annals completion for bash: source it, or put it into /etc/bash_completion.d\n"
        "_annals() {\n"
        "    local word path=annals words='' index current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
        "    for ((index = 1; index < COMP_CWORD; index++)); do\n"
        "        word=\"${COMP_WORDS[index]}\"\n"
        "        case \"$path $word\" in\n";
    for (const Words& entry : all) {
        script += "            '" + entry.path + "') path='" + entry.path + "' ;;\n";
    }
    script +=
        "        esac\n"
        "    done\n"
        "    case \"$path\" in\n";
    for (const Words& entry : all) {
        script += "        '" + entry.path + "') words='" + entry.words + "' ;;\n";
    }
    script +=
        "    esac\n"
        "    words+=' " +
        all.front().words +
        "'\n"
        "    [[ $path == annals ]] || [[ $current == -* ]] || words=\"${words%% --*}\"\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}\n"
        "complete -o default -F _annals annals\n";
    return script;
}

std::string zsh_script(const std::vector<Words>& all) {
    std::string script =
        "#compdef annals\n"
        "# annals completion for zsh: put it as _annals into a folder of $fpath\n"
        "_annals() {\n"
        "    local path=annals word\n"
        "    for word in \"${words[@]:1:$((CURRENT - 2))}\"; do\n"
        "        case \"$path $word\" in\n";
    for (const Words& entry : all) {
        script += "            '" + entry.path + "') path='" + entry.path + "' ;;\n";
    }
    script += "        esac\n    done\n    case \"$path\" in\n";
    for (const Words& entry : all) {
        script += "        '" + entry.path + "') compadd -- " + entry.words + ";;\n";
    }
    script += "    esac\n    _files\n}\ncompdef _annals annals\n";
    return script;
}

std::string fish_script(const std::vector<Words>& all) {
    std::string script = "# annals completion for fish: put it into ~/.config/fish/completions\n";
    for (const Words& entry : all) {
        std::string condition = "__fish_use_subcommand";
        const std::size_t first = entry.path.find(' ');
        if (first != std::string::npos) {
            condition = "__fish_seen_subcommand_from";
            const std::string commands = entry.path.substr(first + 1);
            const std::size_t second = commands.find(' ');
            condition += " " + commands.substr(0, second);
            if (second != std::string::npos) {
                condition += "; and __fish_seen_subcommand_from " + commands.substr(second + 1);
            }
        }
        script += "complete -c annals -f -n '" + condition + "' -a '" + entry.words + "'\n";
    }
    return script;
}

}  // namespace

void add_completion_command(Program& program) {
    CLI::App& command = *program.app().add_subcommand(
        "completion", "print a completion script for bash, zsh or fish"
    );
    command.footer("Example:\n  source <(annals completion bash)\n");
    auto shell = std::make_shared<std::string>();
    command.add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    program.on(command, [shell, &program](Session& session) -> Result<ExitCode> {
        std::vector<Words> all;
        collect(program.app(), "annals", all);
        const std::string script = *shell == "bash"  ? bash_script(all)
                                   : *shell == "zsh" ? zsh_script(all)
                                                     : fish_script(all);
        session.terminal().out << script;
        return ExitCode::kOk;
    });
}

}  // namespace annals::cli
