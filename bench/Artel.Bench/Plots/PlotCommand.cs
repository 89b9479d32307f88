using System.CommandLine;
using Artel.Bench.Cluster;
using Artel.Testing;

namespace Artel.Bench.Plots;

/// <summary><c>plot FILE</c>: pictures of what earlier runs have found.</summary>
internal static class PlotCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Lines of JSON of earlier runs (--out): of 'queue' and of 'peers'." };
        var folder = new Option<DirectoryInfo>("--to")
        {
            Description = "Folder of the pictures.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Binaries.Repository, "docs", "images")),
        };
        var png = new Option<bool>("--png") { Description = "Write PNG files instead of SVG, to look at." };
        var command = new Command("plot", "Draw rate against queue depth and rate against peers, from the lines of earlier runs.") { file, folder, png };
        command.SetAction(result =>
        {
            try
            {
                Draw(result.GetRequiredValue(file), result.GetRequiredValue(folder), result.GetValue(png) ? "png" : "svg");
                return 0;
            }
            catch (Exception e) when (e is BenchException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"artel-bench: {e.Message}");
                return 2;
            }
        });
        return command;
    }

    private static void Draw(FileInfo file, DirectoryInfo folder, string kind)
    {
        var lines = OutcomeLines.Read(file.FullName);
        var (queue, peers) = (lines.Of("queue"), lines.Of("peers"));
        folder.Create();
        var depth = Path.Combine(folder.FullName, $"rate-by-queue-depth.{kind}");
        DepthPlot.Save(DepthPlot.Draw(queue), depth);
        Console.WriteLine(depth);
        var others = Path.Combine(folder.FullName, $"rate-by-peer.{kind}");
        PeersPlot.Save(PeersPlot.Draw(peers), peers, others);
        Console.WriteLine(others);
    }
}
