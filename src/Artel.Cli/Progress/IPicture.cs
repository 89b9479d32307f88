using Artel.Protocol.V1;
using Spectre.Console.Rendering;

namespace Artel.Cli.Progress;

/// <summary>What a live view shows of jobs.</summary>
internal interface IPicture
{
    void Update(Job job);

    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    IRenderable Draw(int width, int height);
}
