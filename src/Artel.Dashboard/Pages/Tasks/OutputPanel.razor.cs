using System.Globalization;
using System.Text;
using Artel.Dashboard.Parts;
using Artel.Protocol.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>
/// Holds a window of one stream. It asks for what has come since, at most as much as it holds, instead of being sent all of it: a task that floods is
/// followed by its newest output, and what is held and sent does not grow with what it writes.
/// </summary>
public sealed partial class OutputPanel
{
    /// <summary>Shown before a place that was found.</summary>
    private const int Lead = OutputBlock.Size;

    private readonly OutputWindow _window = new();
    private List<OutputBlock> _blocks = [];
    private ElementReference _place;
    private BrowserPart? _scroll;
    private (long, int, int, long?, string) _shown;
    private bool _complete;
    private bool _searching;
    private bool _isMoved;
    private bool _toShow;
    private bool _toStay;
    private long _known;
    private string _go = "";
    private string _find = "";
    private string _said = "";

    [Inject] private IJSRuntime Browser { get; set; } = default!;

    [Parameter, EditorRequired] public long Job { get; set; }

    [Parameter, EditorRequired] public int Number { get; set; }

    [Parameter, EditorRequired] public V1.Attempt Attempt { get; set; } = default!;

    [Parameter, EditorRequired] public V1.Stream Stream { get; set; }

    /// <summary>A byte to show. Null: the end, also as it grows.</summary>
    [Parameter] public long? At { get; set; }

    /// <summary>What was looked for; empty where nothing was.</summary>
    [Parameter] public string Find { get; set; } = "";

    [Parameter] public bool Wrap { get; set; }

    /// <summary>Another place of the stream is wanted: a byte, or the end.</summary>
    [Parameter] public EventCallback<long?> OnMove { get; set; }

    /// <summary>A text was found at a place.</summary>
    [Parameter] public EventCallback<(string Find, long At)> OnFound { get; set; }

    protected override TimeSpan Period => TimeSpan.FromMilliseconds(500);

    protected override bool AsksNoMore => _complete;

    private bool IsRunning => Attempt.Outcome == V1.AttemptOutcome.Unspecified;

    private V1.OutputInfo? Info => Stream == V1.Stream.Stderr ? Attempt.Stderr : Attempt.Stdout;

    private bool IsEmpty => !IsRunning && Info is not { Length: > 0 };

    private string Name => Stream == V1.Stream.Stderr ? "Error stream" : "Output";

    /// <summary>How long the stream is, as far as that is known.</summary>
    private long Known => IsRunning ? Math.Max(_known, _window.End) : Info?.Length ?? 0;

    private string Extent => IsEmpty ? "nothing was written"
        : Known == 0 ? "nothing yet"
        : (_window.Start == 0 && _window.End >= Known ? Words.Size(Known) : $"bytes {Words.Count(_window.Start)} to {Words.Count(_window.End)} of {Words.Count(Known)}")
            + (Info is { } info && info.Written > info.Length ? $", cut: {Words.Size(info.Written)} were written" : "");

    private string Download => TaskLinks.Output(Job, Number, Attempt.Number, Stream);

    protected override async Task AskAsync(CancellationToken cancellation)
    {
        var wanted = (Job, Number, Attempt.Number, At, Find);
        var isNew = wanted != _shown;
        if (isNew)
        {
            _window.MoveTo(0);
            (_shown, _complete, _isMoved) = (wanted, false, true);
            _find = Find.Length > 0 ? Find : _find;
        }

        if (_complete)
            return;

        var (before, ended) = (_window.End, !IsRunning);
        if (!IsEmpty)
            await (At is { } place ? ReadAroundAsync(place, cancellation) : ReadEndAsync(isNew, cancellation));

        _complete = ended && (At is not null || _window.End >= (Info?.Length ?? 0) || _window.End == before);
        _known = Math.Max(isNew ? 0 : _known, _window.End);
        if (_isMoved || _window.End != before)
            Show();

        // Only now: scrolled before the text has come, the browser would move the old one.
        (_toShow, _isMoved) = (_toShow || _isMoved, false);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_scroll is null && !IsEmpty)
        {
            _scroll = new BrowserPart(Browser, "parts/output.js");
            await _scroll.BeginAsync(_place);
        }

        if (_toShow && _scroll is { HasBegun: true } scroll && _blocks.Count > 0)
        {
            var stays = _toStay;
            (_toShow, _toStay) = (false, false);
            await scroll.CallAsync("show", At is null, stays);
        }
    }

    protected override ValueTask EndAsync() => _scroll?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Show()
    {
        var pattern = Encoding.UTF8.GetBytes(Find);
        var matches = OutputMatch.AllIn(_window.Bytes.Span, _window.Start, pattern, At);
        _blocks = OutputBlock.Of(_window, matches, isCut: IsRunning || _window.End < Known);
    }

    private async Task ReadEndAsync(bool isNew, CancellationToken cancellation)
    {
        if (!isNew)
        {
            var before = _window.End;
            await foreach (var chunk in ReadAsync(before, OutputWindow.Size, cancellation))
                _window.Roll(chunk.Offset, chunk.Data.Span);

            if (_window.End - before < OutputWindow.Size)
                return;
        }

        // At first, and where more has come than is shown at all: only the last of it.
        await foreach (var chunk in ReadAsync(-OutputWindow.Size, OutputWindow.Size, cancellation))
            _window.Roll(chunk.Offset, chunk.Data.Span);

        _window.BeginWithLine(_window.Start + Lead);
    }

    private async Task ReadAroundAsync(long place, CancellationToken cancellation)
    {
        var isNew = _window.Bytes.IsEmpty;
        var from = isNew ? Math.Max(0, place - (Find.Length > 0 ? Lead : 0)) : _window.End;
        if (_window.IsFull || (!isNew && !IsRunning))
            return;

        await foreach (var chunk in ReadAsync(from, OutputWindow.Size - _window.Bytes.Length, cancellation))
            _window.Fill(chunk.Offset, chunk.Data.Span);

        if (isNew && Find.Length > 0)
            _window.BeginWithLine(place);

        if (_window.End < Known)
            _window.EndWithLine();
    }

    private async IAsyncEnumerable<V1.OutputChunk> ReadAsync(
        long offset, int count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new V1.ReadOutputRequest { Job = Job, Task = Number, Attempt = Attempt.Number, Streams = { Stream }, Offset = offset, Limit = count };
        using var call = Session.Client.ReadOutput(request, Session.Question(cancellation));
        await foreach (var chunk in call.ResponseStream.ReadAllAsync(cancellation))
            yield return chunk;
    }

    private Task FollowAsync(bool follow)
    {
        // Whoever stops following wants to read on where they are.
        _toStay = !follow;
        return OnMove.InvokeAsync(follow ? null : _window.Start);
    }

    private Task EarlierAsync() => OnMove.InvokeAsync(Math.Max(0, _window.Start - OutputWindow.Size + OutputBlock.Size));

    private async Task GoAsync()
    {
        if (long.TryParse(_go.Replace(",", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var place))
            await OnMove.InvokeAsync(Math.Min(place, Math.Max(0, Known - 1)));
        else
            _said = "write the number of a byte, from 0";
    }

    private async Task SearchAsync(bool forward)
    {
        if (_find.Length == 0 || _searching)
            return;

        (_searching, _said) = (true, "");
        try
        {
            var text = _find;
            var search = new OutputSearch(
                (offset, stop) => FindAsync(text, offset, stop), CollectAsync, Encoding.UTF8.GetBytes(text));
            var present = text == Find ? At : null;
            var found = forward
                ? await search.NextAsync(present + 1 ?? (At is null && !IsRunning ? 0 : _window.Start), Left)
                : await search.PreviousAsync(present ?? _window.End, Left);
            if (found.Place is { } place)
                await OnFound.InvokeAsync((text, place));
            else
                _said = found.IsAll ? $"nothing {(forward ? "further on" : "before")}" : $"nothing up to byte {Words.Count(found.LookedTo)}; search on from there";
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            _said = e.Status.Detail;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException)
        {
            // Nobody looks any more.
        }
        finally
        {
            _searching = false;
        }
    }

    private Task<V1.FindInOutputReply> FindAsync(string text, long offset, CancellationToken cancellation) => Session.Client.FindInOutputAsync(
        new V1.FindInOutputRequest { Job = Job, Task = Number, Attempt = Attempt.Number, Stream = Stream, Offset = offset, Text = text, IgnoreCase = true },
        Session.Question(cancellation)).ResponseAsync;

    private async Task<byte[]> CollectAsync(long offset, int count, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream(count);
        await foreach (var chunk in ReadAsync(offset, count, cancellation))
            bytes.Write(chunk.Data.Span);

        return bytes.ToArray();
    }
}
