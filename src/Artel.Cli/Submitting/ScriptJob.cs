using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Cli.Submitting;

/// <summary>
/// The job of a script. The script goes along as the standard input of a line of shell, which puts it into a file that has no name any more when
/// the script begins, and becomes its interpreter: nothing is left on the node however the task ends, and signals and exit status are the
/// script's own. The interpreter does not read it from standard input, since whatever the script starts would read on there.
/// </summary>
internal static class ScriptJob
{
    private const string Launcher =
        "f=$(mktemp) && cat >\"$f\" && exec 3<\"$f\" && rm -f \"$f\" && exec \"$@\" </dev/null; echo \"artel: the script could not be put into a file here\" >&2; exit 127";

    private const string Place = "/dev/fd/3";

    public static JobSpec Build(ScriptFile script, JobOptions options, JobAnswers answers, string[] arguments)
    {
        if (answers.Get(options.Stdin) is not null)
            throw CommandFailure.WrongUsage("--stdin is for a command after '--': a script comes to its node that way itself");

        var name = CommandJob.NameOf(script.Name);
        var template = new TaskTemplate { Name = name, Stdin = ByteString.CopyFrom(script.Bytes) };
        TaskEntries.Fill(template, ["/bin/sh", "-c", Launcher, name, .. script.Interpreter, Place, .. arguments], options, answers);
        return CommandJob.Build(options, answers, template, name);
    }
}
