using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Cli.Submitting;

/// <summary>
/// The job of a script. The script goes along; its interpreter gets it by a path: the one that it has here, if the node
/// has the same file there, else that of a copy (docs/adr/0017).
/// </summary>
internal static class ScriptJob
{
    public static JobSpec Build(ScriptFile script, JobOptions options, JobAnswers answers, string[] arguments)
    {
        var name = CommandJob.NameOf(script.Name);
        var path = Path.GetFullPath(script.Name, OwnProcess.CurrentFolder());
        var template = new TaskTemplate { Name = name, Script = new Script { Path = path, Content = ByteString.CopyFrom(script.Bytes) } };

        // What the user did not write as a template is none.
        template.Run.AddRange(script.Interpreter.Append(path).Select(TaskMarks.Escape));
        if (answers.Get(options.Stdin) is { } stdin)
            template.Stdin = CommandJob.ReadStdin(stdin);

        TaskEntries.Fill(template, arguments, options, answers);
        return CommandJob.Build(options, answers, template, name);
    }
}
