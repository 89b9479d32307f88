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

    /// <summary>The one template of a job that was submitted as a script; null if it was not.</summary>
    public static TaskTemplate? TemplateOf(JobSpec job)
    {
        TaskTemplate[] all = [.. job.Sections.SelectMany(s => s.Tasks), .. job.Tasks];
        return all is [{ Run: ["/bin/sh", "-c", Launcher, _, ..] run } only] && run.Contains(Place) ? only : null;
    }

    /// <summary>What another script runs in place of the one of a template, with the same arguments.</summary>
    /// <param name="template">One of <see cref="TemplateOf"/>.</param>
    public static TaskTemplate Replace(TaskTemplate template, ScriptFile script) => new()
    {
        Run = { "/bin/sh", "-c", Launcher, CommandJob.NameOf(script.Name), script.Interpreter, Place, template.Run.Skip(template.Run.IndexOf(Place) + 1) },
        Stdin = ByteString.CopyFrom(script.Bytes),
    };

    /// <summary>True if a file has the script that a template was submitted with.</summary>
    public static bool IsSame(TaskTemplate template, byte[] file) => template.Stdin.Span.SequenceEqual(file);

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
