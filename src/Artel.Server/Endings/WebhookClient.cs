using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Polly;
using Polly.Retry;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Endings;

/// <summary>Calls webhooks, again and again until one answers with a 2xx or is given up. Goes only where it is told: no redirect, no proxy. Safe from any thread.</summary>
internal sealed class WebhookClient : IDisposable
{
    /// <summary>Calls for one ending.</summary>
    public const int MostTries = 8;

    /// <summary>For one call.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Each further pause is four times as long: 0.5 s, 2 s, 8 s … 34 min, which is 45 min in all.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    // As the JSON of GET /v1/jobs/{job}.
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public WebhookClient(TimeProvider time)
    {
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Patience,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("artel", ServerVersion.Text));
    }

    /// <summary>Calls until it succeeds or is given up.</summary>
    /// <param name="delivery">The same for all calls of one ending: who gets a second one knows it by this.</param>
    /// <param name="triesBefore">That failed before the server was started again.</param>
    /// <param name="slots">At most so many calls at once: not held while it waits for the next.</param>
    /// <param name="failed">Told of each failure after which there is another call.</param>
    /// <returns>Null where it has succeeded, else why the last call failed.</returns>
    public async Task<string?> CallAsync(
        string url, string delivery, V1.Job job, int triesBefore, SemaphoreSlim slots, Func<string, TimeSpan, Task> failed, CancellationToken cancellation)
    {
        var body = Encoding.UTF8.GetBytes(Json.Format(job));
        var builder = new ResiliencePipelineBuilder<string?> { TimeProvider = _time };
        if (MostTries - triesBefore > 1)
        {
            builder.AddRetry(new RetryStrategyOptions<string?>
            {
                MaxRetryAttempts = MostTries - triesBefore - 1,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is not null),
                DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(FirstPause * Math.Pow(4, triesBefore + args.AttemptNumber)),
                OnRetry = async args => await failed(args.Outcome.Result!, args.RetryDelay),
            });
        }

        return await builder.Build().ExecuteAsync(
            async inner =>
            {
                await slots.WaitAsync(inner);
                try
                {
                    return await PostAsync(url, delivery, body, inner);
                }
                finally
                {
                    slots.Release();
                }
            },
            cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> PostAsync(string url, string delivery, byte[] body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Artel-Event", "job-ended");
        request.Headers.Add("Artel-Delivery", delivery);
        try
        {
            // What it answers beyond its status is not read.
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.IsSuccessStatusCode ? null
                : response.StatusCode is >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest
                    ? FormattableString.Invariant($"it answered {(int)response.StatusCode}, a redirect, which is not followed")
                    : FormattableString.Invariant($"it answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return FormattableString.Invariant($"no answer in {Patience.TotalSeconds} s");
        }
    }
}
