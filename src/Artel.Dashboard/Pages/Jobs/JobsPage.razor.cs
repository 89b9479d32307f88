using Artel.Dashboard.Parts;
using Artel.Protocol.V1;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Task = System.Threading.Tasks.Task;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>The list of jobs. What it shows stands in its address; what is selected belongs to the page alone.</summary>
public partial class JobsPage : LivePart
{
    private const int MostFailures = 10;

    private readonly HashSet<long> _selected = [];
    private IReadOnlyList<(long Job, string Why)> _failures = [];
    private Picture? _shown;
    private bool _acting;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Inject] private ISnackbar Messages { get; set; } = default!;

    [SupplyParameterFromQuery] public string? State { get; set; }

    [SupplyParameterFromQuery(Name = "q")] public string? Search { get; set; }

    [SupplyParameterFromQuery] public string? User { get; set; }

    [SupplyParameterFromQuery] public string? Mine { get; set; }

    [SupplyParameterFromQuery] public string? Tag { get; set; }

    [SupplyParameterFromQuery] public string? Since { get; set; }

    [SupplyParameterFromQuery] public string? Sort { get; set; }

    [SupplyParameterFromQuery] public string? Group { get; set; }

    [SupplyParameterFromQuery] public string? Before { get; set; }

    /// <summary>Kept while the address stays the same, so that it can be compared.</summary>
    private JobsView View { get; set; } = new();

    private IReadOnlyList<Job> Chosen => [.. _shown!.Jobs.Where(j => _selected.Contains(j.Id))];

    /// <summary>Quick while something on the page changes by itself; else only to see what was submitted meanwhile.</summary>
    protected override TimeSpan Period =>
        TimeSpan.FromSeconds(_shown is null || _shown.View.Grouping != JobGrouping.None || !_shown.Jobs.Any(j => j.State == JobState.Running) ? 4 : 1);

    protected override Task OnParametersSetAsync()
    {
        var view = JobsView.Read(State, Search, User, Mine, Tag, Since, Sort, Group, Before);
        if (view.ToAddress() != View.ToAddress())
        {
            View = view;
            _selected.Clear();
        }

        return base.OnParametersSetAsync();
    }

    protected override async Task AskAsync(CancellationToken cancellation)
    {
        var (view, now) = (View, Session.Time.GetUtcNow());
        var reply = await Session.Client.ListJobsAsync(view.ToRequest(now), Session.Question(cancellation));
        _shown = new Picture(view, now, reply.Jobs, view.Grouping == JobGrouping.None ? [] : JobGroup.Of(reply.Jobs, view.Grouping), reply.More);
        _selected.IntersectWith(reply.Jobs.Select(j => j.Id));
    }

    private void Select((long Job, bool On) choice)
    {
        if (choice.On)
        {
            _selected.Add(choice.Job);
        }
        else
        {
            _selected.Remove(choice.Job);
        }
    }

    private async Task ActAsync(JobVerb verb, IReadOnlyList<Job> jobs)
    {
        _acting = true;
        try
        {
            if (await new BulkActions(Session, Dialogs, Messages).DoAsync(verb, jobs, Left) is { } outcome)
            {
                _failures = outcome.Failures;
            }
        }
        finally
        {
            _acting = false;
        }

        AskNow();
    }

    /// <summary>What was answered, and to which question.</summary>
    private sealed record Picture(JobsView View, DateTimeOffset At, IReadOnlyList<Job> Jobs, IReadOnlyList<JobGroup> Groups, bool More);
}
