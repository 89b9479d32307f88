using System.Globalization;
using System.Text;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Results;

/// <summary>
/// A folder of results: <c>NODE/out&lt;n&gt;.txt</c> and <c>NODE/ouMis&lt;n&gt;.txt</c> for each ended task that ran, and
/// <c>results.jsonl</c> with a line for each ended task. A file is there whole or not at all: it is written under another name first.
/// </summary>
internal sealed class ResultsFolder : IResultSink, IDisposable
{
    /// <summary>Where the list of results lies. No node can be called so, see <see cref="FolderOf"/>.</summary>
    public const string ListName = "results.jsonl";

    private const string PartSuffix = ".part";

    private readonly StreamWriter _list;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    // Only failed ones: a task that succeeded does not end again.
    private readonly Dictionary<int, string> _failedOn = [];
    private readonly bool _isNew;
    private FileStream? _out;
    private FileStream? _error;

    private ResultsFolder(string path, StreamWriter list, bool isNew)
    {
        _isNew = isNew;
        Path = path;
        _list = list;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Ended tasks that were taken.</summary>
    public long Tasks { get; private set; }

    /// <summary>Opens a folder that may be there already; files of the same names are replaced.</summary>
    public static ResultsFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            var isNew = !Directory.Exists(path);
            Directory.CreateDirectory(path);
            var list = new StreamWriter(System.IO.Path.Combine(path, ListName), append: false, new UTF8Encoding(false));
            return new ResultsFolder(path, list, isNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("write to the folder", path, e);
        }
    }

    /// <summary>Where the results of a map go: <c>sweep.results</c> beside the user, and where that exists <c>sweep.results.2</c>, and so on.</summary>
    public static string FreeName(string mapFile, string directory)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(mapFile) + ".results";
        var path = System.IO.Path.Combine(directory, name);
        for (var n = 2; System.IO.Path.Exists(path); n++)
            path = System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}.{n}"));

        return path;
    }

    /// <summary>The name of a node's folder, which is its id: checked, since it comes over the network and becomes a path.</summary>
    public static string FolderOf(string node) =>
        NodeIds.IsValid(node) && !node.Equals(ListName, StringComparison.OrdinalIgnoreCase)
            ? node
            : throw new CommandFailure(ExitStatus.WrongUsage, $"results of a node called '{Terminal.Plain(node)}' can not be written: {NodeIds.Rule}");

    public static string OutputName(WireTask task) => string.Create(CultureInfo.InvariantCulture, $"out{task.OutputNumber}.txt");

    public static string ErrorName(WireTask task) => string.Create(CultureInfo.InvariantCulture, $"ouMis{task.OutputNumber}.txt");

    public void Begin(WireTask task)
    {
        if (task.Attempts.Count == 0)
            return;

        var folder = System.IO.Path.Combine(Path, FolderOf(JobText.NodeOf(task)));
        if (_folders.Add(folder))
            Directory.CreateDirectory(folder);

        _out = Create(System.IO.Path.Combine(folder, OutputName(task)));
        _error = Create(System.IO.Path.Combine(folder, ErrorName(task)));
    }

    public void Write(WireStream stream, ReadOnlySpan<byte> data) => (stream == WireStream.Stderr ? _error : _out)?.Write(data);

    public void Complete(WireTask task)
    {
        RemoveEarlier(task);
        Finish(ref _out);
        Finish(ref _error);
        _list.WriteLine(ArtelJson.Write(TaskJson.Of(task), j => j.TaskJson, indented: false));
        Tasks++;
    }

    public void Abandon()
    {
        Drop(ref _out);
        Drop(ref _error);
    }

    public void Dispose()
    {
        Abandon();
        _list.Dispose();
        // Of a run that never got so far nothing is left.
        if (_isNew && Tasks == 0)
            Directory.Delete(Path, recursive: true);
    }

    /// <summary>A task that failed on one node and ended again on another leaves only its last output.</summary>
    private void RemoveEarlier(WireTask task)
    {
        var node = task.Attempts.Count == 0 ? "" : JobText.NodeOf(task);
        if (_failedOn.Remove(task.Number, out var earlier) && earlier != node)
        {
            File.Delete(System.IO.Path.Combine(Path, earlier, OutputName(task)));
            File.Delete(System.IO.Path.Combine(Path, earlier, ErrorName(task)));
        }

        if (task.State != TaskState.Succeeded && node.Length > 0)
            _failedOn[task.Number] = node;
    }

    // Unbuffered: pieces arrive large or are all there is.
    private static FileStream Create(string path) => new(path + PartSuffix, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

    private static void Finish(ref FileStream? file)
    {
        if (file is null)
            return;

        var part = file.Name;
        file.Dispose();
        file = null;
        File.Move(part, part[..^PartSuffix.Length], overwrite: true);
    }

    private static void Drop(ref FileStream? file)
    {
        if (file is null)
            return;

        var part = file.Name;
        file.Dispose();
        file = null;
        File.Delete(part);
    }
}
