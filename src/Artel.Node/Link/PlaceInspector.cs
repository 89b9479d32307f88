using System.Threading.Channels;
using Artel.Node.Processes;
using Artel.Protocol.V1;

namespace Artel.Node.Link;

/// <summary>
/// Answers what the server asks about folders and programs on this node. It looks at one place after the other, in a
/// task of its own: a file system that hangs holds up the answers and nothing else. Belongs to one link.
/// </summary>
/// <param name="hasAccounts">
/// Tasks run as other accounts. Then nothing is looked at: what the agent sees may be more than what the user's task
/// would.
/// </param>
/// <param name="answer">Sends an answer.</param>
internal sealed class PlaceInspector(bool hasAccounts, Action<Inspected> answer)
{
    private const int MostWaiting = 16;

    // Further questions are dropped: the server does not wait for their answers for long.
    private readonly Channel<Inspect> _asked = Channel.CreateBounded<Inspect>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Answers until the link ends. Nobody waits for the end of a look that hangs.</summary>
    public void Begin(CancellationToken ct)
    {
        if (!hasAccounts)
            _ = Task.Run(() => AnswerAsync(ct), CancellationToken.None);
    }

    public void Ask(Inspect question) => _asked.Writer.TryWrite(question);

    private async Task AnswerAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var question in _asked.Reader.ReadAllAsync(ct))
            {
                var lacks = question.Places.Select(Look).ToList();
                if (!ct.IsCancellationRequested)
                    answer(new Inspected { Inspection = question.Inspection, Lacks = { lacks } });
            }
        }
        catch (OperationCanceledException)
        {
            // The link has ended.
        }
    }

    /// <summary>What a process that the agent starts there would lack.</summary>
    internal static Lack Look(Place place)
    {
        try
        {
            if (place.Cwd.Length > 0 && !ProgramPath.IsFolder(place.Cwd))
                return Lack.Folder;

            if (place.Cwd.Length > 0 && !ProgramPath.IsExecutable(place.Cwd))
                return Lack.Entry;

            return place.Program.Length == 0 || Finds(place) ? Lack.Unspecified : Lack.Program;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Unknown. The start of the task reports what is wrong, if anything is.
            return Lack.Unspecified;
        }
    }

    private static bool Finds(Place place)
    {
        var path = place.Path.Length > 0 ? place.Path : Environment.GetEnvironmentVariable("PATH") ?? "";
        var environment = new ProcessEnvironment(new Dictionary<string, string> { ["PATH"] = path });
        return ProgramPath.Find(place.Program, environment, place.Cwd) is { } file
            && ProgramPath.IsFile(Path.Combine(place.Cwd, file));
    }
}
