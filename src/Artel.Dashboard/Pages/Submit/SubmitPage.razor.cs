using Artel.Dashboard.Addresses;
using Artel.Dashboard.Cluster;
using Artel.Dashboard.Parts;
using Artel.Protocol.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Submit;

/// <summary>Where a map is written, checked while it is, looked at as a plan and submitted. The text is the browser's; this has the last one it was told.</summary>
public sealed partial class SubmitPage : ComponentBase, IAsyncDisposable
{
    private const string Placeholder = "name: sweep\ntasks:\n  - run: [echo, \"{index}\"]\n    array: 1-10";

    private readonly CancellationTokenSource _left = new();
    private ElementReference _place;
    private BrowserPart? _editor;
    private DotNetObjectReference<SubmitPage>? _self;
    private MapDraft _draft = MapDraft.Empty;
    private string _problem = "";
    private string _said = "";
    private bool _isDraftOfJob;
    private bool _busy;

    [Inject] private ClusterSession Session { get; set; } = default!;

    [Inject] private Actions Actions { get; set; } = default!;

    [Inject] private ISnackbar Messages { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Inject] private IJSRuntime Browser { get; set; } = default!;

    /// <summary>The job whose map is to be changed and submitted again.</summary>
    [SupplyParameterFromQuery(Name = "job")] public string? From { get; set; }

    private long? Job => AddressRules.Job.Read(From);

    private string Verdict => _draft switch
    {
        { IsBlank: true } => "Write a map, or start from an example",
        { Layout: { } layout } => $"Right: {Words.Tasks(layout.TaskCount)}",
        _ => Words.Count(_draft.Mistakes.Count, "mistake", "mistakes"),
    };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;

        _self = DotNetObjectReference.Create(this);
        _editor = new BrowserPart(Browser, "parts/editor.js");
        await _editor.BeginAsync(_place, _self, Job is { } job ? $"artel-draft-{job}" : "artel-draft", MapDraft.MaxLength);
        if (_left.IsCancellationRequested)
            return;

        _isDraftOfJob = Job is not null && await _editor.AskAsync<bool>("hasDraft");
        if (_isDraftOfJob)
            _said = $"This is the map of job {Job} with what you changed in it before.";
        else if (Job is not null)
            await AnewAsync();

        StateHasChanged();
    }

    /// <summary>The text is another one, and has been for a moment.</summary>
    [JSInvokable]
    public async Task Changed(string text)
    {
        try
        {
            if (text.Length > MapDraft.MaxLength)
                text = "";

            _draft = MapDraft.Of(text, Session.Time);
            StateHasChanged();
            if (_editor is not null)
                await _editor.CallAsync("mark", _draft.Mistakes.Select(m => m.Line).Distinct().ToArray());
        }
        catch (Exception e)
        {
            // The browser, which calls this, would only note it on its console.
            await DispatchExceptionAsync(e);
        }
    }

    /// <summary>The text is longer than is taken here.</summary>
    [JSInvokable]
    public void TooLong()
    {
        _draft = MapDraft.Empty;
        _problem = $"The map is longer than {Words.Size(MapDraft.MaxLength)}: say the same with an array, or submit it with 'artel submit map.yaml'.";
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await (_editor?.DisposeAsync() ?? ValueTask.CompletedTask);
        _self?.Dispose();
        _left.Dispose();
    }

    private async Task AnewAsync()
    {
        try
        {
            var submitted = await Session.Client.GetJobSpecAsync(new V1.GetJobRequest { Job = Job ?? 0 }, Session.Question(_left.Token));
            (_problem, _isDraftOfJob) = ("", false);
            _said = submitted.Hidden ? $"The map of job {Job} is hidden: only {submitted.User} and admins see it."
                : submitted.Map.Length == 0 ? $"The map of job {Job} is longer than 1 MiB, too long for this page: 'artel show {Job}' has its tasks."
                : submitted.Masked ? "Some values of this map may be secret, and you see *** in their place: write them in before you submit."
                : "";
            await SetAsync(submitted.Map);
        }
        catch (RpcException e)
        {
            _problem = e.StatusCode == StatusCode.Cancelled ? "" : Refusals.Sentence(e);
        }
    }

    private async Task StartFromAsync(string example) => await SetAsync(ExampleMaps.Read(example));

    private async Task SetAsync(string text)
    {
        if (_editor is not null)
            await _editor.CallAsync("set", text);
    }

    private async Task GoAsync(int line, int column)
    {
        if (_editor is not null)
            await _editor.CallAsync("go", line, column);
    }

    private async Task SubmitAsync()
    {
        if (_editor is null || _busy)
            return;

        _busy = true;
        try
        {
            // What was typed in the last moment is submitted too, or its mistakes are shown.
            await _editor.CallAsync("flush");
            if (_draft.Job is not { } job)
                return;

            V1.SubmitReply? reply = null;
            var done = await Actions.DoAsync(async (session, options) =>
            {
                reply = await session.Client.SubmitAsync(new V1.SubmitRequest { Job = job, RequestId = _draft.RequestId }, options);
                return $"Job {reply.Job} was submitted: {Words.Tasks(reply.TaskCount)}";
            }, _left.Token);
            if (!done || reply is null)
                return;

            foreach (var warning in reply.Warnings.Take(10))
                Messages.Add(warning, Severity.Warning, message => message.RequireInteraction = true);

            await _editor.CallAsync("forget");
            Navigation.NavigateTo(FormattableString.Invariant($"/jobs/{reply.Job}"));
        }
        finally
        {
            _busy = false;
        }
    }
}
