using Spectre.Console;
using Spectre.Console.Rendering;

namespace Artel.Cli.Output;

/// <summary>
/// Stands between everything that is put together for the console and the terminal, so that no page can forget to make the texts of others
/// safe. What the console itself sends, such as colours and moves of the cursor, passes.
/// </summary>
internal sealed class ShownSegments : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(r => new Shown(r));

    private sealed class Shown(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth).Select(Show);

        private static Segment Show(Segment segment) =>
            segment.IsControlCode || segment.IsLineBreak || ShownText.Lines(segment.Text) is var shown && ReferenceEquals(shown, segment.Text)
                ? segment
                : new Segment(shown, segment.Style);
    }
}
