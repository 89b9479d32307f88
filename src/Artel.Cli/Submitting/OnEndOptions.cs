using System.CommandLine;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>The options that say what follows the end of a job. They replace what a map says.</summary>
internal sealed class OnEndOptions
{
    private static readonly Dictionary<string, OnEnd.Types.When> Whens = new()
    {
        ["always"] = OnEnd.Types.When.Always,
        ["success"] = OnEnd.Types.When.Success,
        ["failure"] = OnEnd.Types.When.Failure,
    };

    private readonly Option<string?> _command = new("--on-end")
    {
        Description = "Run this when the job has ended, as a job of its own: './notify.sh {job} {state}'. Words and quotes as in a shell, but no shell.",
        HelpName = "COMMAND",
    };

    private readonly Option<string?> _webhook = new("--on-end-webhook")
    {
        Description = "Have the server call this address when the job has ended, with the job as JSON.",
        HelpName = "URL",
    };

    private readonly Option<OnEnd.Types.When> _when = Choices.Of("--on-end-when", "When that is done: always, success, failure [always].", Whens);

    public void AddTo(Command command)
    {
        command.Add(_command);
        command.Add(_webhook);
        command.Add(_when);
    }

    /// <summary>Puts into a job what the options say of it.</summary>
    /// <param name="folder">Absolute: where the command runs.</param>
    public void Apply(ParseResult parsed, JobSpec job, string folder)
    {
        var command = parsed.GetValue(_command);
        var webhook = parsed.GetValue(_webhook);
        if (command is null && webhook is null)
        {
            if (parsed.GetResult(_when) is { Implicit: false })
                throw CommandFailure.WrongUsage("--on-end-when says nothing by itself: give --on-end COMMAND or --on-end-webhook URL too");

            return;
        }

        job.OnEnd = new OnEnd { Webhook = webhook ?? "", When = parsed.GetValue(_when), Cwd = folder };
        if (command is not null)
            job.OnEnd.Command.Add(CommandWords.Split(command, out var problem) ?? throw CommandFailure.WrongUsage($"--on-end: {problem}"));

        if (JobSpecs.ValidateSpec(job) is [{ } mistake, ..])
            throw CommandFailure.WrongUsage(mistake.ToString());
    }
}
