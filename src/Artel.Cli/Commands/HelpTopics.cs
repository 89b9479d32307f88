using System.Globalization;

namespace Artel.Cli.Commands;

/// <summary>Help about what is the same for many commands. One source: the command line prints it, docs/cli.md holds it.</summary>
/// <param name="Text">Paragraphs.</param>
/// <param name="Rows">Words, and what each means.</param>
internal sealed record HelpTopic(string Name, string Title, IReadOnlyList<string> Text, IReadOnlyList<(string Name, string Description)> Rows)
{
    public void Write(TextWriter to, int width)
    {
        for (var i = 0; i < Text.Count; i++)
        {
            if (i > 0)
                to.WriteLine();

            HelpPage.WriteWrapped(to, Text[i], "", width);
        }

        HelpPage.WriteSection(to, Title, [.. Rows], width);
    }
}

/// <summary>All topics, in the order in which they are listed.</summary>
internal static class HelpTopics
{
    public static IReadOnlyList<HelpTopic> All { get; } =
    [
        new(
            "selectors",
            "How jobs and tasks are named",
            [
                "Wherever a command is about jobs or tasks, they are named in the same way: by number, or by a filter in the place of a number.",
                "Commands about one job (show, why, logs, fetch, stats) take the newest that fits the filter. A filter finds your own jobs unless --user says "
                + "otherwise; 'ls' and 'history' list everyone's. Where nothing fits, the exit status is 4.",
            ],
            [
                ("12", "job 12"),
                ("12.3", "task 3 of job 12"),
                ("12.3-7", "tasks 3 to 7"),
                ("12.3,5,9-11", "tasks 3, 5 and 9 to 11"),
                ("last, last.3", "the newest job that was submitted with your token's name, and task 3 of it"),
                ("--name GLOB", "jobs whose whole name fits: * any text, ? one character, [a-z] one of these; quote it for the shell"),
                ("--user USER", "jobs of a user, as a pattern too; '*' is everyone"),
                ("--state STATE", "jobs in this state; together with a job that is named: its tasks in this state, such as 'artel retry 12 --state failed'"),
                ("--all", "all jobs that the command can be about; 'cancel' and 'retry' want --yes with it"),
            ]),
        new(
            "exit-statuses",
            "What the exit status says",
            ["'artel run -- CMD' with one task ends with the task's own status: 128+n where signal n ended it, 124 where it timed out, 127 where it could not be started. Else:"],
            [.. ExitStatus.All.Select(s => (s.Status.ToString(CultureInfo.InvariantCulture), s.Meaning))]),
        new(
            "environment",
            "Variables that are looked at",
            ["A cluster is found by the first of: --token, ARTEL_TOKEN, config.yaml in ARTEL_HOME ('server:' and 'token:'), and the access file that a server on this machine has written there."],
            HelpPage.Variables),
        new(
            "maps",
            "The keys of a map",
            [
                "A map says what is to be run, in YAML or JSON. 'artel map check FILE' finds every mistake, 'artel map plan FILE' shows what would run. "
                + "docs/maps.md tells all keys; docs/map.schema.json is for editors.",
            ],
            [
                ("name, priority, hold", "of the job"),
                ("nodes:", "lists of tasks by node, run in their order"),
                ("tasks:", "a list of tasks that any fitting node may take"),
                ("run", "the program and its arguments, as a list; no shell"),
                ("array", "one task for each index: 1-100, 1-10:3, 1,5,9; {index} in arguments, paths and variables"),
                ("after", "names of tasks that must have succeeded before"),
                ("retry, timeout", "how often a failed attempt is followed by another, and how long one may take"),
                ("needs, labels", "what a node must have free, and be"),
            ]),
        new(
            "placeholders",
            "What is replaced in a command, in --env and in --cwd",
            [
                "Only what you write as a template has placeholders: words after '--', --env and --cwd, and run, env "
                + "and cwd of a map. Inherited variables, env files, scripts and the folder you are in have none. "
                + "docs/maps.md has all rules.",
            ],
            [
                ("{index}", "the index of an array"),
                ("{entry}, {entry.key}", "the entry of --each-line, --from-json or a map, and a member of it"),
                ("{} {.} {/} {1} …", "with ':::' as in GNU parallel (docs/submit.md)"),
                ("{{index}}, {{}}", "two pairs of braces: the text {index}, {}"),
                ("${index}", "the shell's, passed on as it is"),
                ("{print $1}, {\"a\":1}", "all other braces are passed on as they are"),
            ]),
        new(
            "output",
            "Output for people and for programs",
            ["Results go to standard output; what is said about them, and errors, to standard error."],
            [
                ("--json", "stable names on standard output (docs/cli-json.md)"),
                ("NO_COLOR", "no colours where it is set; there are none where the output is no terminal either"),
                ("logs, run", "bytes of tasks as they were written"),
                ("names, messages", "control characters in them are shown as symbols, so that they can not change the screen"),
            ]),
    ];

    public static HelpTopic? Find(string name) => All.FirstOrDefault(t => t.Name == name);
}
