using System.Globalization;
using Artel.Dashboard.Addresses;
using Artel.Protocol.Text;
using Microsoft.AspNetCore.Components;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>One task: what it is, why it waits or failed, its attempts, and what they wrote.</summary>
public sealed partial class TaskPage
{
    private static readonly (string Word, string Name)[] Streams = [("stdout", "Output"), ("stderr", "Errors"), ("both", "Both")];
    private static readonly (string, object?) PastOut = (nameof(Out), null);
    private static readonly (string, object?) PastErr = (nameof(Err), null);

    private V1.Task? _task;
    private (long Job, int Number) _shown;
    private List<string> _reasons = [];
    private string _jobName = "";
    private string _owner = "";
    private int _tasks;

    /// <summary>Texts, so that what is not a number gets an answer too.</summary>
    [Parameter] public string JobNumber { get; set; } = "";

    [Parameter] public string TaskNumber { get; set; } = "";

    /// <summary>Null: the newest.</summary>
    [SupplyParameterFromQuery] public string? Attempt { get; set; }

    /// <summary>One of <see cref="Streams"/>.</summary>
    [SupplyParameterFromQuery] public string? Stream { get; set; }

    /// <summary>A byte of the output; null: its end.</summary>
    [SupplyParameterFromQuery] public string? Out { get; set; }

    /// <summary>A byte of the error stream; null: its end.</summary>
    [SupplyParameterFromQuery] public string? Err { get; set; }

    /// <summary>What was looked for.</summary>
    [SupplyParameterFromQuery] public string? Find { get; set; }

    /// <summary><c>no</c>: long lines go beyond the border.</summary>
    [SupplyParameterFromQuery] public string? Wrap { get; set; }

    /// <summary>0 if the address has no number there.</summary>
    private long Job => AddressRules.Job.Read(JobNumber) ?? 0;

    private int Number => (int)(AddressRules.Task.Read(TaskNumber) ?? 0);

    private string Id => string.Create(CultureInfo.InvariantCulture, $"{Job}.{Number}");

    private string Choice => Stream is "stdout" or "stderr" ? Stream : "both";

    private V1.Attempt? Shown =>
        _task?.Attempts.FirstOrDefault(a => a.Number == AddressRules.Page.Read(Attempt))
        ?? (_task is null ? null : JobText.LastAttempt(_task));

    // One that has ended comes back by a retry only: seldom enough to be looked for in peace.
    protected override TimeSpan Period => TimeSpan.FromSeconds(_task is { } task && JobText.HasEnded(task.State) ? 5 : 1);

    protected override object? Subject => _shown;

    /// <summary>Another task takes the place of this one at once, so that no action on it goes to the other.</summary>
    protected override Task OnParametersSetAsync()
    {
        if (_shown != (Job, Number))
        {
            (_shown, _task, _reasons) = ((Job, Number), null, []);
        }

        return base.OnParametersSetAsync();
    }

    protected override async Task AskAsync(CancellationToken cancellation)
    {
        var asked = _shown;
        if (asked.Job == 0 || asked.Number == 0)
            return;

        var request = new V1.GetTaskRequest { Job = asked.Job, Task = asked.Number };
        var task = await Session.Client.GetTaskAsync(request, Session.Question(cancellation));
        var (jobName, owner, tasks) = (_jobName, _owner, _tasks);
        if (tasks == 0 || _task is null)
        {
            var ofJob = new V1.GetJobRequest { Job = asked.Job };
            var job = await Session.Client.GetJobAsync(ofJob, Session.Question(cancellation));
            (jobName, owner, tasks) = (job.Name, job.User, job.Counts?.Total ?? 0);
        }

        var why = new V1.ExplainRequest { Job = asked.Job, Task = asked.Number };
        var reasons = task.State is V1.TaskState.Running or V1.TaskState.Succeeded
            ? []
            : (await Session.Client.ExplainAsync(why, Session.Question(cancellation))).Reasons.ToList();
        if (asked == _shown)
        {
            (_jobName, _owner, _tasks) = (jobName, owner, tasks);
            (_task, _reasons) = (task, TaskReasons.Of(task, reasons));
        }
    }

    private void Go(params (string Name, object? Value)[] changes) =>
        Address.Set([.. changes.Select(c => (c.Name.ToLowerInvariant(), c.Value))]);

    private V1.JobAction Action => new() { Job = Job, Tasks = { new V1.TaskRange { First = Number, Last = Number } } };

    private async Task CancelAsync()
    {
        var (id, action) = (Id, Action);
        var question = _task?.State == V1.TaskState.Running ? "Its processes are ended." : "It will not run.";
        if (await Actions.AskAndDoAsync($"Cancel task {id}?", question, "Cancel it", async (session, options) =>
            {
                await session.Client.CancelAsync(action, options);
                return $"Task {id} is cancelled";
            }, Left))
            AskNow();
    }

    private async Task RetryAsync()
    {
        if (await Actions.DoAsync(async (session, options) =>
            {
                await session.Client.RetryAsync(Action, options);
                return $"Task {Id} runs again";
            }, Left))
            AskNow();
    }
}
