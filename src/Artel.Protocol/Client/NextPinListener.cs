namespace Artel.Protocol.Client;

/// <summary>Hears in each answer whether the server announces another key.</summary>
internal sealed class NextPinListener(HttpMessageHandler inner, IPinKeeper keeper) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Headers.TryGetValues(ServerPins.NextHeader, out var values) && CertificatePin.TryParse(values.FirstOrDefault(), out var pin))
        {
            keeper.Announced(pin!);
        }

        return response;
    }
}
