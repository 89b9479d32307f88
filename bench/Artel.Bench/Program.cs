using System.CommandLine;
using Artel.Bench;
using Artel.Bench.Benches;
using Artel.Bench.Cluster;
using Artel.Bench.Plots;
using Artel.Bench.Reporting;

var benches = new SortedDictionary<string, Func<string, BenchOptions, Task<Outcome>>>(StringComparer.Ordinal)
{
    ["cli"] = CliBench.RunAsync,
    ["control"] = ControlBench.RunAsync,
    ["dashboard"] = DashboardBench.RunAsync,
    ["kinds"] = KindsBench.RunAsync,
    ["latency"] = LatencyBench.RunAsync,
    ["memory"] = MemoryBench.RunAsync,
    ["micro"] = MicroBench.RunAsync,
    ["nodes"] = NodesBench.RunAsync,
    ["output"] = OutputBench.RunAsync,
    ["peers"] = PeersBench.RunAsync,
    ["queue"] = QueueBench.RunAsync,
    ["real"] = RealBench.RunAsync,
    ["small-jobs"] = SmallJobsBench.RunAsync,
    ["submit"] = SubmitBench.RunAsync,
};

var name = new Argument<string>("NAME") { Description = $"What to measure: {string.Join(", ", benches.Keys)}." };
name.AcceptOnlyFromAmong([.. benches.Keys]);
var scale = new Option<double>("--scale") { Description = "Part of the full size to do, such as 0.1.", DefaultValueFactory = _ => 1 };
var pairs = new Option<int>("--pairs") { Description = "How often it is measured (where two things are compared: in turn); medians count.", DefaultValueFactory = _ => 5 };
var peers = new Option<bool>("--install-peers") { Description = "Install the programs that it is compared with, from Debian's packages." };
var extra = new Option<int?>("--of")
{
    Description = "Of 'dashboard', 'kinds' and 'nodes': how many nodes; of 'queue': tasks queued ahead at the most.",
};
var file = new Option<FileInfo?>("--out") { Description = "Append the line of JSON to this file too." };
var check = new Option<bool>("--check") { Description = "Exit with 1 if the result is so far from its goal that no slow machine explains it." };
var command = new RootCommand("Measures Artel with its published programs: TLS, tokens, collected outputs and a durable store, as users have it.")
{
    name, scale, pairs, peers, extra, file, check, PlotCommand.Make(),
};
command.SetAction(async (result, ct) =>
{
    try
    {
        var options = new BenchOptions(result.GetValue(scale), result.GetValue(pairs), result.GetValue(peers), result.GetValue(extra)).Checked();
        var outcome = await benches[result.GetValue(name)!](await PublishedPrograms.FindAsync(), options);
        Printer.Print(outcome);
        if (result.GetValue(file) is { } collected)
        {
            await File.AppendAllTextAsync(collected.FullName, Printer.Json(outcome) + "\n", ct);
        }

        return result.GetValue(check) && outcome.Gross ? 1 : 0;
    }
    catch (BenchException e)
    {
        await Console.Error.WriteLineAsync($"artel-bench: {e.Message}");
        return 2;
    }
});
var parsed = command.Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync($"artel-bench: {parsed.Errors[0].Message.ReplaceLineEndings("").Replace("\t", " ", StringComparison.Ordinal)}");
    return 2;
}

return await parsed.InvokeAsync();
