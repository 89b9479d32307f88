namespace Artel.Dashboard.Pages.Jobs;

/// <summary>
/// Where the nodes of a graph without cycles are drawn: from left to right, each in the layer behind the last one that it waits for (the longest way to it),
/// and in each layer so that lines cross little (each near the mean of its neighbours, a few times there and back).
/// </summary>
internal static class GraphLayout
{
    private const int Sweeps = 4;

    /// <param name="after">For each node the nodes it waits for.</param>
    /// <returns>The layers, each from top to bottom.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Lay(IReadOnlyList<IReadOnlyList<int>> after)
    {
        var layerOf = Layers(after);
        var layers = new List<List<int>>();
        foreach (var node in Enumerable.Range(0, after.Count))
        {
            while (layers.Count <= layerOf[node])
            {
                layers.Add([]);
            }

            layers[layerOf[node]].Add(node);
        }

        var before = Followers(after);
        var place = new double[after.Count];
        layers.ForEach(layer => Number(layer, place));
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var i = 1; i < layers.Count; i++)
            {
                Sort(layers[i], after, place);
            }

            for (var i = layers.Count - 2; i >= 0; i--)
            {
                Sort(layers[i], before, place);
            }
        }

        return layers;
    }

    private static int[] Layers(IReadOnlyList<IReadOnlyList<int>> after)
    {
        var layers = new int[after.Count];
        var waitsFor = after.Select(a => a.Count).ToArray();
        var followers = Followers(after);
        var ready = new Queue<int>(Enumerable.Range(0, after.Count).Where(n => waitsFor[n] == 0));
        while (ready.TryDequeue(out var node))
        {
            foreach (var follower in followers[node])
            {
                layers[follower] = Math.Max(layers[follower], layers[node] + 1);
                if (--waitsFor[follower] == 0)
                    ready.Enqueue(follower);
            }
        }

        return layers;
    }

    private static List<int>[] Followers(IReadOnlyList<IReadOnlyList<int>> after)
    {
        var followers = new List<int>[after.Count];
        for (var node = 0; node < after.Count; node++)
        {
            followers[node] = [];
        }

        for (var node = 0; node < after.Count; node++)
        {
            foreach (var first in after[node])
            {
                followers[first].Add(node);
            }
        }

        return followers;
    }

    private static void Sort(List<int> layer, IReadOnlyList<IReadOnlyList<int>> neighbours, double[] place)
    {
        var sorted = layer.OrderBy(n => neighbours[n].Count == 0 ? place[n] : neighbours[n].Average(m => place[m])).ThenBy(n => place[n]).ToArray();
        layer.Clear();
        layer.AddRange(sorted);
        Number(layer, place);
    }

    /// <summary>Places count from the middle, as layers are drawn: then a small layer stands beside the middle of a large one.</summary>
    private static void Number(List<int> layer, double[] place)
    {
        for (var i = 0; i < layer.Count; i++)
        {
            place[layer[i]] = i - ((layer.Count - 1) / 2.0);
        }
    }
}
