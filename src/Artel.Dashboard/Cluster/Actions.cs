using Artel.Dashboard.Parts;
using Grpc.Core;
using MudBlazor;

namespace Artel.Dashboard.Cluster;

/// <summary>What a visitor does to the cluster: asks first where something is lost by it, says what came of it. The cluster checks who may.</summary>
public sealed class Actions(ClusterSession session, IDialogService dialogs, ISnackbar messages)
{
    /// <summary>Does it and says so, or says why not. True where it was done.</summary>
    /// <param name="act">Calls the cluster, and gives what to say then.</param>
    public async Task<bool> DoAsync(Func<ClusterSession, CallOptions, Task<string>> act, CancellationToken cancellation)
    {
        try
        {
            messages.Add(await act(session, session.Question(cancellation)), Severity.Success);
            return true;
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            messages.Add(e.Status.Detail, Severity.Error);
            return false;
        }
    }

    /// <summary>The same after a question that can be answered with no.</summary>
    /// <param name="yes">The word on the button that does it.</param>
    public async Task<bool> AskAndDoAsync(string title, string question, string yes, Func<ClusterSession, CallOptions, Task<string>> act, CancellationToken cancellation) =>
        await AskDialog.AskAsync(dialogs, title, question, yes) && await DoAsync(act, cancellation);
}
