using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Output;
using Artel.Cli.Progress;
using Artel.Cli.Results;
using Artel.Cli.Submitting;
using Artel.Protocol.V1;

namespace Artel.Cli.Running;

/// <summary>
/// One <c>artel run</c> on a cluster that is there: decides what is shown and kept, and what the exit status is. A map shows its
/// progress and a table; a command shows its output.
/// </summary>
internal sealed class RunReport(RequestedJob requested, string? resultsOption, bool json, bool raw, Surroundings s)
{
    private readonly bool _isMap = requested.MapFile is not null;
    private readonly bool _isOneTask = requested.MapFile is null && requested.Layout.TaskCount == 1;

    private bool ShowsOutput => !_isMap && !json;

    public async Task<int> RunAsync(ClusterSession session, PrivateCluster? cluster, Interruptions interruptions)
    {
        // Before the job is there: a folder that can not be written must not cost a run.
        using var folder = OpenFolder();
        interruptions.BeginSubmission();

        // A private cluster runs on this machine, where everything is.
        var places = cluster is null
            ? PlaceWarnings.AskAsync(session, requested.Layout, _isMap, s.Clock, interruptions.Leave)
            : null;
        var reply = await Submitter.SubmitAsync(session, requested.Job, s, interruptions.Leave);
        var tally = new ResultTally(reply.TaskCount);
        using var relay = ShowsOutput && !_isOneTask ? new OutputRelay(s.Terminal.OpenOutput(raw), s.Terminal.OpenError(raw)) : null;
        var jsonResults = json ? new JsonResults(s.Terminal.OutputWriter) : null;
        jsonResults?.Open(reply.Job, folder?.Path);
        List<IResultSink> sinks = [tally];
        if (folder is not null)
            sinks.Add(folder);

        if (relay is not null)
            sinks.Add(relay);

        if (jsonResults is not null)
            sinks.Add(jsonResults);

        Job? ended;
        var view = CreateView(reply.TaskCount);

        // The output of one task is printed beside the results: a line about it waits until it is complete.
        var afterOutput = new List<string>();
        var cuts = new CutReport(_isOneTask ? afterOutput.Add : line => view.Note($"artel: {line}"));
        sinks.Add(cuts);
        await using (view)
        {
            Announce(reply, session, cluster is not null, view);
            var told = TellPlacesAsync(places, view);
            interruptions.JobSubmitted(() => _ = TellAsync(session, reply.Job, view, interruptions.Leave));
            var run = new JobRun(session, reply.Job, view, s.Clock)
            {
                Alongside = ShowsOutput && _isOneTask ? ct => RelayLiveAsync(session, cluster, reply.Job, ct) : null,
                Watchdog = cluster is null ? null : cluster.WatchAsync,
                IsLost = cluster is null ? null : () => cluster.HasLostFolder,
            };
            ended = await run.FollowAsync(sinks, withOutput: folder is not null || relay is not null, interruptions);
            await told;
        }

        afterOutput.ForEach(s.Terminal.Warn);
        var status = StatusOf(ended, tally, interruptions);
        jsonResults?.Close(ended, status);
        Conclude(ended, reply.Job, tally, folder, cluster is not null, interruptions.Cancel.IsCompleted);
        if (!_isOneTask && cuts.Summary is { } cut)
            s.Terminal.Note(cut);

        if (ended is { State: JobState.Failed } && !json && !_isOneTask)
            await ExplainAsync(session, reply.Job, interruptions.Leave);

        return status;
    }

    private ResultsFolder? OpenFolder()
    {
        if (resultsOption is not null)
            return ResultsFolder.Open(resultsOption);

        var map = requested.MapFile == "-" ? "map" : requested.MapFile;
        return map is null ? null : ResultsFolder.Open(ResultsFolder.FreeName(map, Environment.CurrentDirectory));
    }

    private IRunView CreateView(int total)
    {
        // Bars and output on one terminal would write over each other, and lines about tasks only repeat what their output says.
        if (ShowsOutput && (_isOneTask || s.Terminal.OutputIsTerminal || !s.Terminal.ErrorIsTerminal))
            return new QuietView(s.Terminal, tellsTasks: !_isOneTask);

        return s.Terminal.CanDraw
            ? new LiveView(s.Terminal, s.Clock, new ProgressPicture(s.Clock))
            : new PlainView(s.Terminal, s.Clock, total);
    }

    private void Announce(SubmitReply reply, ClusterSession session, bool isPrivate, IRunView view)
    {
        foreach (var warning in reply.Warnings)
            view.Note($"artel: {warning}");

        if (reply.TaskCount == 0)
            view.Note(EmptyJob.Said(reply.Job));
        else if (!ShowsOutput)
            view.Note($"Job {reply.Job}: {Words.Tasks(reply.TaskCount)}{(isPrivate ? "" : $" on the cluster at {session.Address}")}.");
    }

    private static async Task TellPlacesAsync(Task<IReadOnlyList<string>>? places, IRunView view)
    {
        foreach (var warning in places is null ? [] : await places)
            view.Note($"artel: {warning}");
    }

    private async Task RelayLiveAsync(ClusterSession session, PrivateCluster? cluster, long job, CancellationToken ct)
    {
        var request = new ReadOutputRequest { Job = job, Task = 1, Follow = true };
        await using var output = s.Terminal.OpenOutput(raw);
        await using var error = s.Terminal.OpenError(raw);
        await new LiveRelay(session, request, Tell, s.Clock).RelayAsync(output, error, ct);

        void Tell(string line)
        {
            if (cluster?.HasLostFolder != true)
                s.Terminal.Warn(line);
        }
    }

    private static async Task TellAsync(ClusterSession session, long job, IRunView view, CancellationToken ct)
    {
        try
        {
            var now = await session.Client.GetJobAsync(new GetJobRequest { Job = job }, session.Question(ct));
            view.Note($"Job {job}: {JobText.Counts(now.Counts)}. Ctrl-C twice within a second cancels it.");
        }
        catch (Grpc.Core.RpcException e)
        {
            view.Note($"Job {job}: {session.Describe(e).Message}. Ctrl-C twice within a second cancels it.");
        }
    }

    /// <summary>Why tasks failed, last of all, where it is seen. Not worth a failure of its own.</summary>
    private async Task ExplainAsync(ClusterSession session, long job, CancellationToken ct)
    {
        try
        {
            foreach (var line in (await FailureReport.ReadAsync(session, job, ct)).Describe())
                s.Terminal.Note(line);
        }
        catch (Grpc.Core.RpcException e)
        {
            s.Terminal.Warn(session.Describe(e).Message);
        }
    }

    private int StatusOf(Job? ended, ResultTally tally, Interruptions interruptions)
    {
        if (ended is null || interruptions.Cancel.IsCompleted)
            return ExitStatus.Interrupted;

        if (_isOneTask && tally.Rows.FirstOrDefault() is { } task)
            return ShellStatus.Of(task);

        return ended.State == JobState.Succeeded ? ExitStatus.Done : ExitStatus.TaskFailed;
    }

    private void Conclude(Job? ended, long job, ResultTally tally, ResultsFolder? folder, bool isPrivate, bool isCancelled)
    {
        if (ended is null)
        {
            s.Terminal.Note(
                isPrivate ? "Interrupted."
                : isCancelled ? $"Left job {job}, which is cancelled but has not ended yet: 'artel show {job}'."
                : $"Left job {job}; it goes on: 'artel wait {job}', 'artel cancel {job}'.");
            return;
        }

        if (_isOneTask && !json)
        {
            if (tally.Rows.FirstOrDefault() is { State: not TaskState.Succeeded } task)
                s.Terminal.Fail(ProgressText.Ended(task));

            return;
        }

        if (ShowsOutput && ended.State == JobState.Succeeded)
            return;

        if (_isMap && !json)
            tally.Print(s.Terminal.Out);

        if (tally.IsCut)
            s.Terminal.Note($"More than {ResultTally.MostRows} tasks did not succeed; {(folder is null ? $"'artel show {job} --state failed' shows more" : $"all are in {ResultsFolder.ListName}")}.");

        s.Terminal.Note(JobText.EndLine(ended, s.Clock.GetUtcNow()));
        if (folder is not null)
            s.Terminal.Note($"Results: {Path.GetRelativePath(Environment.CurrentDirectory, folder.Path)}");
    }
}
