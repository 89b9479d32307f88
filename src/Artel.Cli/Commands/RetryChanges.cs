using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Output;
using Artel.Cli.Submitting;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary>
/// Options of <c>artel retry</c> that change the job before its tasks run again, and the warning about scripts that
/// were edited since they were submitted.
/// </summary>
internal sealed class RetryChanges
{
    private readonly Option<string?> _script = new("--script")
    {
        Description = "Run this script instead, with the same arguments. Without this, a job runs the script as it was "
            + "submitted, even if the file has changed.",
        HelpName = "FILE",
    };

    private readonly Option<long?> _memory = Amounts.Size(
        "--memory", "Memory that each task occupies from now on, such as 4GiB.");
    private readonly Option<TimeSpan?> _timeout = Amounts.DurationOrNone(
        "--timeout", "From now on, end an attempt that takes longer, such as 90s or 1h30m; 'none' ends none.");

    public void AddTo(Command command)
    {
        command.Add(_script);
        command.Add(_memory);
        command.Add(_timeout);
    }

    /// <summary>The script of <c>--script</c>, or null.</summary>
    public async Task<ScriptFile?> ReadScriptAsync(ParseResult parsed, CancellationToken ct)
    {
        if (parsed.GetValue(_script) is not { } file)
            return null;

        if (!SourceFile.Exists(file))
            throw CommandFailure.WrongUsage($"--script: the file {file} does not exist");

        return ScriptFile.Of(await SourceFile.ReadAsync(file, ct)) ?? throw CommandFailure.WrongUsage(
            $"--script: {file} is not a script: it has no '#!' line and no ending such as .sh or .py");
    }

    /// <summary>The changes to a job; null if there are none.</summary>
    /// <param name="script">As <see cref="ReadScriptAsync"/> read it.</param>
    /// <exception cref="CommandFailure">The job has no script that could be replaced.</exception>
    public async Task<JobChanges?> OfAsync(
        ParseResult parsed, ScriptFile? script, ClusterSession session, long job, CancellationToken ct)
    {
        var changes = new JobChanges();
        if (parsed.GetValue(_memory) is { } memory)
            changes.MemoryBytes = memory;

        if (parsed.GetValue(_timeout) is { } timeout)
            changes.Timeout = Duration.FromTimeSpan(timeout);

        if (script is not null)
        {
            var submitted = await session.Client.GetJobSpecAsync(new GetJobRequest { Job = job }, session.Question(ct));
            var template = submitted.Hidden ? null : ScriptJob.TemplateOf(submitted.Job);
            if (template is null)
            {
                throw CommandFailure.WrongUsage(
                    $"--script: job {job} was not submitted as a script, so it has none to replace");
            }

            changes.Script = ScriptJob.Replace(template, script);
        }

        return changes.CalculateSize() > 0 ? changes : null;
    }

    /// <summary>
    /// Says that a job runs the script that it was submitted with, if the file has changed since or is not found.
    /// </summary>
    public static async Task TellOldScriptAsync(
        ClusterSession session, long job, Terminal terminal, CancellationToken ct)
    {
        try
        {
            var submitted = await session.Client.GetJobSpecAsync(new GetJobRequest { Job = job }, session.Question(ct));
            if (submitted.Hidden || ScriptJob.TemplateOf(submitted.Job) is not { } template)
                return;

            var file = OwnProcess.PathOf(template.Script.Path);
            if (!File.Exists(file))
            {
                terminal.Note(
                    $"Job {job} runs its script as it was submitted; 'artel retry {job} --script FILE' gives it "
                    + "another one.");
            }
            else if (!await ScriptJob.IsSameAsync(template, file, ct))
            {
                terminal.Warn(
                    $"{file} is not what job {job} was submitted with: the retry runs the old one "
                    + $"('artel retry {job} --script {Words.CommandLine([file])}' runs this one)");
            }
        }
        catch (Exception e) when (e is RpcException or IOException or UnauthorizedAccessException)
        {
            // The retry has been made: this is only a hint.
        }
    }
}
