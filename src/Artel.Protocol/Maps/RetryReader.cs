using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Reads how failed attempts are repeated. What a task gives replaces what the defaults gave, key by key.</summary>
internal sealed class RetryReader(MistakeLog log)
{
    private readonly ValueReader _values = new(log);

    /// <summary>Reads the table of the key <c>retry</c>.</summary>
    public void Read(MapNode node, RetryPolicy retry)
    {
        if (node is MapScalar { IsNull: false } number)
        {
            log.Spoil(node, $"retry is '{Quote.Shorten(number.Text)}'", $"write retries: {Quote.Shorten(number.Text)}");
            return;
        }

        foreach (var entry in _values.Table(node, "retry", "{ retries: 3, backoff: 10s }"))
        {
            if (!TryRead(entry, retry))
                log.Add(entry.Key, $"unknown key '{Quote.Shorten(entry.Key.Text)}' in retry", MapKeys.Remedy(entry.Key.Text, MapKeys.Retry));
        }
    }

    /// <summary>False where it is no such key.</summary>
    public bool TryRead(MapEntry entry, RetryPolicy retry)
    {
        var value = entry.Value;
        switch (entry.Key.Text)
        {
            case "retries":
                if (_values.Whole(value, "retries", out int retries))
                    retry.Retries = retries;
                break;
            case "backoff":
                if (_values.Time(value, "backoff", out var backoff))
                    retry.Backoff = backoff;
                break;
            case "factor":
                // 0 would mean "not given" on the wire.
                if (_values.Number(value, "factor", out var factor))
                    retry.Factor = factor == 0 ? -1 : factor;
                break;
            case "max_backoff":
                if (_values.Time(value, "max_backoff", out var longest))
                    retry.MaxBackoff = longest;
                break;
            case "jitter":
                if (_values.Number(value, "jitter", out var jitter))
                    retry.Jitter = jitter;
                break;
            case "retry_on":
                retry.RetryOn = ReadFailures(value, "retry_on");
                break;
            case "no_retry_on":
                retry.NoRetryOn = ReadFailures(value, "no_retry_on");
                break;
            case "avoid_same_node":
                if (_values.Truth(value, "avoid_same_node", out var avoid))
                    retry.AvoidSameNode = avoid;
                break;
            default:
                return false;
        }

        return true;
    }

    private FailureSet ReadFailures(MapNode node, string key)
    {
        var set = new FailureSet();
        foreach (var item in node is MapList list ? list.Items : [node])
        {
            if (!_values.Text(item, key, out var text))
            {
                log.Silence(node);
            }
            else if (!FailureSets.TryAdd(set, text, out var error))
            {
                log.Add(item, $"{key}: {error}");
                log.Silence(node);
            }
        }

        return set;
    }
}
