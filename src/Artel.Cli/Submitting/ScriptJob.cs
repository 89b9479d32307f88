using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Cli.Submitting;

/// <summary>
/// The job of a script. The script is sent with the job; its interpreter gets a path: the one that the script has here,
/// if the node has the same file there, otherwise that of a copy (docs/adr/0017).
/// </summary>
internal static class ScriptJob
{
    /// <summary>The one template of a job that was submitted as a script, or null if it was not.</summary>
    public static TaskTemplate? TemplateOf(JobSpec job)
    {
        TaskTemplate[] all = [.. job.Sections.SelectMany(s => s.Tasks), .. job.Tasks];
        return all is [{ Script: not null } only] ? only : null;
    }

    /// <summary>The arguments and the script that replace those of a template. Later arguments stay.</summary>
    /// <param name="template">One of <see cref="TemplateOf"/>.</param>
    public static TaskTemplate Replace(TaskTemplate template, ScriptFile script)
    {
        var place = template.Run.IndexOf(TaskMarks.Escape(template.Script.Path));
        var next = Begin(script);
        next.Run.AddRange(template.Run.Skip(place + 1));
        return next;
    }

    /// <summary>
    /// True if a file has the content that a template was submitted with. The path came from the server: a file of
    /// another length, or a device, is not read.
    /// </summary>
    public static async Task<bool> IsSameAsync(TaskTemplate template, string file, CancellationToken ct)
    {
        var content = template.Script.Content;
        if (new FileInfo(file).Length != content.Length)
            return false;

        if (content.Length == 0)
            return true;

        var bytes = await File.ReadAllBytesAsync(file, ct);
        return content.Span.SequenceEqual(bytes);
    }

    public static JobSpec Build(ScriptFile script, JobOptions options, JobAnswers answers, string[] arguments)
    {
        var name = CommandJob.NameOf(script.Name);
        var template = Begin(script);
        template.Name = name;
        TaskEntries.Fill(template, arguments, options, answers, isStandardInputRead: script.Source.IsStandardInput);
        if (answers.Get(options.Stdin) is { } stdin)
            template.Stdin = CommandJob.ReadStdin(stdin);

        return CommandJob.Build(options, answers, template, name);
    }

    /// <summary>The interpreter, the path of the script and its content.</summary>
    private static TaskTemplate Begin(ScriptFile script)
    {
        var path = Path.GetFullPath(script.Name, OwnProcess.CurrentFolder());
        var sent = new Script { Path = path, Content = ByteString.CopyFrom(script.Source.Bytes) };
        var template = new TaskTemplate { Script = sent };

        // The user did not write these as templates: braces in them are just text.
        template.Run.AddRange(script.Interpreter.Append(path).Select(TaskMarks.Escape));
        return template;
    }
}
