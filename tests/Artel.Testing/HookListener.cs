using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Artel.Testing;

/// <summary>A call that a webhook got.</summary>
/// <param name="Delivery">What tells second calls from first ones.</param>
public sealed record HookCall(string Path, string Method, string ContentType, string Delivery, string Body);

/// <summary>A real receiver of webhooks on loopback, which answers as it is told.</summary>
public sealed class HookListener : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<HookCall> _calls = [];
    private readonly Func<int, HttpListenerContext, Task> _answer;
    private int _count;

    private HookListener(int port, Func<int, HttpListenerContext, Task> answer)
    {
        Port = port;
        _answer = answer;
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ListenAsync();
    }

    public int Port { get; }

    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>All calls so far, in order.</summary>
    public IReadOnlyList<HookCall> Calls => [.. _calls];

    /// <param name="status">The status to answer the n-th call with, from 1.</param>
    /// <param name="port">Not set: a free one.</param>
    public static HookListener Start(Func<int, int>? status = null, int port = 0) => StartWith(
        (number, context) =>
        {
            context.Response.StatusCode = status?.Invoke(number) ?? 204;
            return Task.CompletedTask;
        },
        port);

    /// <param name="answer">What to do with the n-th call, from 1.</param>
    public static HookListener StartWith(Func<int, HttpListenerContext, Task> answer, int port = 0)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new HookListener(port == 0 ? FreePort() : port, answer);
            }
            catch (HttpListenerException) when (port == 0 && tries < 10)
            {
                // Somebody else was quicker.
                continue;
            }
        }
    }

    /// <summary>A port that nothing listens on now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = TakeAsync(context);
        }
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            var number = Interlocked.Increment(ref _count);
            _calls.Enqueue(new HookCall(
                context.Request.Url!.PathAndQuery, context.Request.HttpMethod, context.Request.ContentType ?? "",
                context.Request.Headers["Artel-Delivery"] ?? "", body));
            await _answer(number, context);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // Who called has gone, as some tests want it.
            return;
        }
    }
}
