using Artel.Protocol.V1;

namespace Artel.Cli.Progress;

/// <summary>Shows how a run goes while it goes: with bars on a terminal, with lines elsewhere. Calls may come from any thread.</summary>
internal interface IRunView : IAsyncDisposable
{
    void Update(Job job);

    void Ended(WireTask task);

    /// <summary>A line among the progress.</summary>
    void Note(string line);
}
