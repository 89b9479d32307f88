using System.Globalization;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>The graph of a job's templates with places on paper.</summary>
/// <param name="Middle">From above, of what waits or is waited for: there one looks first.</param>
/// <param name="EdgesLeftOut">More lines than a browser draws well, and than anybody could follow.</param>
public sealed record GraphDrawing(IReadOnlyList<GraphDrawing.Box> Boxes, IReadOnlyList<GraphDrawing.Edge> Edges, int EdgesLeftOut, double Width, double Height, double Middle)
{
    internal const double BoxWidth = 196;
    internal const double BoxHeight = 58;
    private const double GapX = 70;
    private const double GapY = 16;
    private const double Margin = 12;
    private const int MostEdges = 3000;

    /// <summary>Of a line: its path, the class of its pattern, and what it means.</summary>
    public sealed record Edge(string Path, string Style, string Title);

    /// <summary>A part of the bar of states.</summary>
    public readonly record struct Part(string State, double X, double Width);

    public sealed record Box(Template Template, double X, double Y)
    {
        public string Name => Template.Name.Length > 0 ? Template.Name : Template.Hidden ? JobText.Hidden : Words.OneLine(Words.CommandLine(Template.Run));

        internal TaskSpan Tasks => new(Template.FirstTask, Math.Max(1, Template.Counts.Total));

        internal IEnumerable<Part> Parts
        {
            get
            {
                var (x, width) = (X + 10, BoxWidth - 20);
                foreach (var (state, count) in Artel.Dashboard.Parts.StateBar.Of(Template.Counts).Where(s => s.Count > 0))
                {
                    var part = width * count / Math.Max(1, Template.Counts.Total);
                    yield return new Part(StateWords.Of(state), x, part);
                    x += part;
                }
            }
        }
    }

    /// <param name="templates">The first ones of a job, in order: lines to others are left out.</param>
    internal static GraphDrawing Of(IReadOnlyList<Template> templates)
    {
        var after = templates.Select(t => (IReadOnlyList<int>)[.. t.AfterNumbers.Where(n => n >= 0 && n < templates.Count).Distinct()]).ToArray();
        var waitedFor = after.SelectMany(a => a).ToHashSet();
        var layers = GraphLayout.Lay(after).Select(layer => layer.Where(n => after[n].Count > 0 || waitedFor.Contains(n)).ToList()).ToList();
        var height = layers.Max(l => l.Count) * (BoxHeight + GapY);
        var boxes = new Box[templates.Count];
        for (var layer = 0; layer < layers.Count; layer++)
        {
            var top = (height - (layers[layer].Count * (BoxHeight + GapY))) / 2;
            for (var place = 0; place < layers[layer].Count; place++)
            {
                var node = layers[layer][place];
                boxes[node] = new Box(templates[node], Margin + (layer * (BoxWidth + GapX)), Margin + top + (place * (BoxHeight + GapY)));
            }
        }

        // Those that have to do with no other stand below, in rows.
        var alone = Enumerable.Range(0, boxes.Length).Where(n => boxes[n] is null).ToList();
        var columns = Math.Max(layers.Count, 4);
        foreach (var (place, node) in alone.Index())
        {
            boxes[node] = new Box(
                templates[node], Margin + (place % columns * (BoxWidth + GapX)), Margin + height + GapY + (place / columns * (BoxHeight + GapY)));
        }

        var edges = templates.SelectMany(t => t.After.Zip(t.AfterNumbers)
            .Where(on => on.Second >= 0 && on.Second < boxes.Length)
            .Select(on => Between(boxes[on.Second], boxes[t.Number], on.First))).ToList();
        return new GraphDrawing(
            boxes, [.. edges.Take(MostEdges)], Math.Max(0, edges.Count - MostEdges), boxes.Max(b => b.X) + BoxWidth + Margin, boxes.Max(b => b.Y) + BoxHeight + Margin, Margin + (height / 2));
    }

    private static Edge Between(Box from, Box to, Dependency on)
    {
        var (x1, y1, x2, y2) = (from.X + BoxWidth, from.Y + (BoxHeight / 2), to.X, to.Y + (BoxHeight / 2));
        var bend = Math.Max(GapX / 2, (x2 - x1) / 2);
        var path = string.Create(CultureInfo.InvariantCulture, $"M{x1:0.#} {y1:0.#}C{x1 + bend:0.#} {y1:0.#} {x2 - bend:0.#} {y2:0.#} {x2:0.#} {y2:0.#}");
        var style = on.Each ? "artel-edge-each" : on.AnyOutcome ? "artel-edge-any" : "";
        return new Edge(path, style, $"{to.Name} after {from.Name}{(on.Each ? ", element by element" : "")}{(on.AnyOutcome ? ", however it ends" : "")}");
    }
}
