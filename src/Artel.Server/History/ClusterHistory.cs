namespace Artel.Server.History;

/// <summary>Samples of the whole cluster: each of the last hour, and before that one for every two minutes of a day. Safe from any thread.</summary>
internal sealed class ClusterHistory
{
    /// <summary>Samples of each resolution.</summary>
    public const int MostSamples = 720;

    /// <summary>How often a sample is taken.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>What one of the older samples is made of.</summary>
    private static readonly TimeSpan CoarsePeriod = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Ring<LoadSample> _fine = new(MostSamples);
    private readonly Ring<LoadSample> _coarse = new(MostSamples);

    /// <summary>Not yet in a coarse one.</summary>
    private readonly List<LoadSample> _pending = [];

    public void Add(LoadSample sample)
    {
        lock (_gate)
        {
            DropFrom(sample.At);
            if (_pending.Count > 0 && (sample.At - _pending[0].From > CoarsePeriod || sample.From - _pending[^1].At > Period))
            {
                _coarse.Add(LoadSample.Merge(_pending));
                _pending.Clear();
            }

            _fine.Add(sample);
            _pending.Add(sample);
        }
    }

    /// <summary>In order, without overlap.</summary>
    /// <param name="since">Only those that end later.</param>
    public IReadOnlyList<LoadSample> Read(DateTimeOffset since)
    {
        lock (_gate)
        {
            var samples = new List<LoadSample>(_fine.Count + _coarse.Count);
            var oldestFine = _fine.Count > 0 ? _fine[0].From : DateTimeOffset.MaxValue;
            var next = DateTimeOffset.MinValue;
            for (var i = 0; i < _coarse.Count && _coarse[i].From < oldestFine; i++)
            {
                samples.Add(_coarse[i]);
                next = _coarse[i].At;
            }

            for (var i = 0; i < _fine.Count; i++)
            {
                if (_fine[i].At > next)
                {
                    samples.Add(_fine[i]);
                }
            }

            samples.RemoveAll(s => s.At <= since);
            return samples;
        }
    }

    /// <summary>Returns all samples, to be kept over a restart.</summary>
    public (IReadOnlyList<LoadSample> Fine, IReadOnlyList<LoadSample> Coarse) Copy()
    {
        lock (_gate)
        {
            return (
                [.. Enumerable.Range(0, _fine.Count).Select(i => _fine[i])],
                [.. Enumerable.Range(0, _coarse.Count).Select(i => _coarse[i])]);
        }
    }

    /// <summary>
    /// Takes what <see cref="Copy"/> returned before the restart. Call it before any <see cref="Add"/>.
    /// </summary>
    public void Restore(IReadOnlyList<LoadSample> fine, IReadOnlyList<LoadSample> coarse)
    {
        lock (_gate)
        {
            foreach (var sample in coarse)
            {
                _coarse.Add(sample);
            }

            var merged = coarse.Count > 0 ? coarse[^1].At : DateTimeOffset.MinValue;
            foreach (var sample in fine)
            {
                _fine.Add(sample);
                if (sample.At > merged)
                {
                    _pending.Add(sample);
                }
            }
        }
    }

    /// <summary>Where the clock was set back, what lies ahead of it now would stand between what comes.</summary>
    private void DropFrom(DateTimeOffset at)
    {
        foreach (var ring in (Ring<LoadSample>[])[_fine, _coarse])
        {
            while (ring.Count > 0 && ring[ring.Count - 1].At >= at)
            {
                ring.RemoveLast();
            }
        }

        _pending.RemoveAll(s => s.At >= at);
    }
}
