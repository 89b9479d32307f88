using System.Text.Json;
using Artel.Cli.Json;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Tests;

/// <summary>The names that scripts rely on: these tests change only by additions.</summary>
public sealed class JsonTests
{
    [Fact]
    public void A_job_has_stable_names_and_lower_case_states()
    {
        var job = new Job { Id = 12, Name = "sweep", User = "admin", State = JobState.Running, Counts = new TaskCounts { Total = 3, Running = 1 } };
        job.Submitted = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        job.Nodes.Add(new NodeProgress { Node = "1", Assigned = 2, AssignedEnded = 1 });

        var json = Parse(ArtelJson.Write(JobJson.Of(job), j => j.JobJson));

        Assert.Equal(
            [
                "id", "name", "user", "priority", "state", "held", "submitted", "started", "ended", "counts", "nodes",
                "attention", "tags", "start_at", "deadline", "max_fails", "changes", "reason",
            ],
            Names(json));
        Assert.Equal("running", json.GetProperty("state").GetString());
        Assert.Equal("2026-03-01T12:00:00+00:00", json.GetProperty("submitted").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("started").ValueKind);
        Assert.Equal(
            ["total", "waiting", "ready", "leased", "running", "succeeded", "failed", "cancelled", "skipped"], Names(json.GetProperty("counts")));
        Assert.Equal(
            ["node", "assigned", "assigned_ended", "running", "succeeded", "failed_attempts"], Names(json.GetProperty("nodes")[0]));
    }

    [Fact]
    public void A_task_tells_its_attempts_and_leaves_no_field_out()
    {
        var task = new WireTask { Job = 12, Number = 3, State = TaskState.Failed, OutputNumber = 3, AttemptCount = 1, Run = { "echo", "привет" } };
        task.Attempts.Add(new Attempt
        {
            Number = 1,
            Node = "1",
            Outcome = AttemptOutcome.Signalled,
            Signal = 9,
            Usage = new Usage { Wall = Duration.FromTimeSpan(TimeSpan.FromSeconds(1.5)), PeakMemoryBytes = 4096 },
            Stdout = new OutputInfo { Length = 10, Written = 20 },
        });

        var text = ArtelJson.Write(TaskJson.Of(task), j => j.TaskJson, indented: false);
        var json = Parse(text);

        Assert.Contains("привет", text, StringComparison.Ordinal);
        Assert.Equal(
            [
                "job", "task", "name", "index", "state", "assigned_node", "output_number", "run", "reason", "not_before", "attempt_count", "failures",
                "retries", "avoided_nodes", "attempts", "timeout_seconds", "memory_bytes", "hidden",
            ],
            Names(json));
        var attempt = json.GetProperty("attempts")[0];
        Assert.Equal(
            [
                "number", "node", "outcome", "exit_status", "signal", "message", "started", "ended", "wall_seconds", "user_seconds",
                "system_seconds", "peak_memory_bytes", "stdout", "stderr",
            ],
            Names(attempt));
        Assert.Equal("signalled", attempt.GetProperty("outcome").GetString());
        Assert.Equal(JsonValueKind.Null, attempt.GetProperty("exit_status").ValueKind);
        Assert.Equal(9, attempt.GetProperty("signal").GetInt32());
        Assert.Equal(1.5, attempt.GetProperty("wall_seconds").GetDouble());
        Assert.Equal(20, attempt.GetProperty("stdout").GetProperty("written").GetInt64());
    }

    [Fact]
    public void A_node_says_its_state_as_a_word_and_as_the_number_of_the_protocol()
    {
        var node = new WireNode { Id = "1", State = NodeState.Succeeded, Condition = NodeCondition.Connected, Resources = new Resources { MilliCpus = 2500 } };
        node.AttemptTasks.Add(new TaskRef { Job = 12, Task = 3 });

        var json = Parse(ArtelJson.Write(NodeJson.Of(node), j => j.NodeJson));

        Assert.Equal("succeeded", json.GetProperty("state").GetString());
        Assert.Equal(4, json.GetProperty("state_number").GetInt32());
        Assert.Equal("connected", json.GetProperty("condition").GetString());
        Assert.Equal(2.5, json.GetProperty("resources").GetProperty("cpus").GetDouble());
        Assert.Equal("12.3", json.GetProperty("running_tasks")[0].GetString());
    }

    [Fact]
    public void A_schedule_says_its_next_times_and_what_the_last_ones_led_to()
    {
        var at = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero));
        var schedule = new Schedule { Name = "nightly", Cron = "0 3 * * *", TimeZone = "UTC", Overlap = Overlap.After, Missed = Missed.Skip, Next = { at } };
        schedule.Runs.Add(new ScheduledRun { At = at, Job = 12, State = JobState.Failed, Missed = true });
        schedule.Runs.Add(new ScheduledRun { At = at, Reason = "job 11 has not ended" });

        var json = Parse(ArtelJson.Write(ScheduleJson.Of(schedule), j => j.ScheduleJson));

        Assert.Equal(
            ["name", "cron", "time_zone", "overlap", "missed", "user", "paused", "created", "job_name", "tasks", "next", "runs", "problem", "hidden"],
            Names(json));
        Assert.Equal(("after", "skip"), (json.GetProperty("overlap").GetString(), json.GetProperty("missed").GetString()));
        var runs = json.GetProperty("runs");
        Assert.Equal(["at", "job", "state", "reason", "by_hand", "missed"], Names(runs[0]));
        Assert.Equal((12, "failed", JsonValueKind.Null), (runs[0].GetProperty("job").GetInt32(), runs[0].GetProperty("state").GetString(), runs[0].GetProperty("reason").ValueKind));
        Assert.Equal((JsonValueKind.Null, "job 11 has not ended"), (runs[1].GetProperty("job").ValueKind, runs[1].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_check_of_a_map_says_its_mistakes_as_data()
    {
        using var artel = new CommandLine();
        var map = artel.WriteFile("map.yaml", "tasks:\n  - run: [echo]\n    retrys: 2\n");

        var status = await artel.RunAsync("map", "check", map, "--json");

        Assert.Equal(ExitStatus.WrongUsage, status);
        var json = Parse(artel.Output);
        Assert.Equal(["file", "right", "tasks", "mistakes"], Names(json));
        Assert.False(json.GetProperty("right").GetBoolean());
        var mistake = json.GetProperty("mistakes")[0];
        Assert.Equal(["file", "line", "column", "problem", "remedy"], Names(mistake));
        Assert.Equal(3, mistake.GetProperty("line").GetInt32());
        Assert.Contains("retr", mistake.GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_says_which_tasks_are_whose()
    {
        using var artel = new CommandLine();
        var map = artel.WriteFile("map.yaml", "nodes:\n  n1:\n    - [echo, a]\ntasks:\n  - {name: fold, run: [echo, '{index}'], array: 1-5}\n  - {run: [echo], after: [fold]}\n");

        Assert.Equal(ExitStatus.Done, await artel.RunAsync("map", "plan", map, "--json"));

        var json = Parse(artel.Output);
        Assert.Equal("map", json.GetProperty("name").GetString());
        Assert.Equal(7, json.GetProperty("tasks").GetInt32());
        Assert.Equal("n1", json.GetProperty("sections")[0].GetProperty("node").GetString());
        var fold = json.GetProperty("sections")[1].GetProperty("templates")[0];
        Assert.Equal(["first_task", "tasks", "name", "array", "run", "after", "needs"], Names(fold));
        Assert.Equal(2, fold.GetProperty("first_task").GetInt32());
        Assert.Equal("1-5", fold.GetProperty("array").GetString());
    }

    [Fact]
    public void The_json_of_a_run_is_one_object_written_as_tasks_end()
    {
        using var text = new StringWriter();
        var results = new Artel.Cli.Results.JsonResults(text);
        results.Open(3, "/tmp/\"quoted\"");
        results.Complete(new WireTask { Job = 3, Number = 1, State = TaskState.Succeeded });
        results.Complete(new WireTask { Job = 3, Number = 2, State = TaskState.Failed });
        results.Close(new Job { Id = 3, State = JobState.Failed }, exitStatus: 1);

        var json = Parse(text.ToString());

        Assert.Equal(["id", "results", "tasks", "job", "exit_status"], Names(json));
        Assert.Equal("/tmp/\"quoted\"", json.GetProperty("results").GetString());
        Assert.Equal(2, json.GetProperty("tasks").GetArrayLength());
        Assert.Equal("failed", json.GetProperty("job").GetProperty("state").GetString());
    }

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    private static string[] Names(JsonElement json) => [.. json.EnumerateObject().Select(p => p.Name)];
}
