using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Protocol.V1;
using Grpc.Core;
using Spectre.Console;

namespace Artel.Cli.Top;

/// <summary>The live view: asks for pictures, draws them on the terminal's other screen, takes keys. The terminal is as before when it ends, however it ends.</summary>
internal sealed class TopView(ClusterSession session, Surroundings s, TimeSpan interval)
{
    private static readonly TimeSpan KeyPoll = TimeSpan.FromMilliseconds(50);

    private readonly PictureReader _reader = new(session);
    private readonly TopScreen _screen = new(s.Clock);
    private readonly TopState _state = new();
    private ClusterPicture? _picture;
    private string _trouble = "";

    public async Task RunAsync(CancellationToken ct)
    {
        // Before the screen is taken: a cluster that can not be reached at all is told as by every other command.
        Take(await _reader.ReadAsync(ct));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = ReadAsync(stop.Token);
        Console.Write("\e[?1049h\e[?25l");
        try
        {
            while (await DrawUntilAsync(ct) is { } wish and not TopWish.Quit)
                await FulfilAsync(wish, ct);
        }
        finally
        {
            Console.Write("\e[?25h\e[?1049l");
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Take(ClusterPicture picture)
    {
        _screen.Add(picture);
        _picture = picture;
        _trouble = "";
    }

    /// <summary>On while the server is away: the last picture stays, and it is said that it is old.</summary>
    private async Task ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(interval, s.Clock, ct);
            try
            {
                var picture = await _reader.ReadAsync(ct);
                lock (_screen)
                    Take(picture);
            }
            catch (RpcException e) when (!ct.IsCancellationRequested)
            {
                _trouble = RpcFailure.IsOutOfReach(e) ? $"no answer from {session.Address}: reconnecting; this is how it was" : session.Describe(e).Message;
            }
        }
    }

    /// <summary>Draws until a key asks for something that needs more than the picture.</summary>
    private async Task<TopWish> DrawUntilAsync(CancellationToken ct)
    {
        var console = s.Terminal.Out;
        Console.Write("\e[2J\e[H");
        return await console.Live(Text.Empty).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            (object?, string, int, int) shown = default;
            while (true)
            {
                TopRows rows;
                var changed = false;
                lock (_screen)
                {
                    rows = TopRows.Of(_picture!, _state);
                    _state.Clamp(rows.Count(_state.List));
                }

                while (!Console.IsInputRedirected && Console.KeyAvailable)
                {
                    changed = true;
                    if (_state.Take(Console.ReadKey(intercept: true), rows) is { } wish)
                        return wish;
                }

                var (width, height) = (Console.WindowWidth, Console.WindowHeight);
                if (changed || shown != (_picture, _trouble, width, height))
                {
                    shown = (_picture, _trouble, width, height);
                    console.Profile.Width = width;
                    console.Profile.Height = height;
                    lock (_screen)
                    {
                        rows = TopRows.Of(_picture!, _state);
                        live.UpdateTarget(_screen.Draw(_picture!, rows, _state, session.Address, _trouble, width, height - 1));
                    }
                }

                await Task.Delay(KeyPoll, s.Clock, ct);
            }
        });
    }

    private async Task FulfilAsync(TopWish wish, CancellationToken ct)
    {
        switch (wish)
        {
            case TopWish.ShowLogs show:
                await TopLogs.ShowAsync(session, show.Task, s, ct);
                break;
            case TopWish.Cancel cancel:
                var action = new JobAction { Job = cancel.Job };
                if (cancel.Task is { } task)
                    action.Tasks.Add(new TaskRange { First = task, Last = task });

                try
                {
                    await session.Client.CancelAsync(action, session.Question(ct));
                }
                catch (RpcException e) when (!ct.IsCancellationRequested)
                {
                    _trouble = session.Describe(e).Message;
                }

                break;
        }
    }
}
