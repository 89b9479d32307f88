using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Artel.Server.Tests.Api;

/// <summary>Calls whatever the service has, by its descriptor.</summary>
internal static class AnyCall
{
    /// <summary>The status, and what was answered, as bytes. Of a stream no more than <paramref name="most"/> messages are read.</summary>
    public static async Task<(Status Status, IReadOnlyList<byte[]> Answers)> CallAsync(
        CallInvoker caller, MethodDescriptor method, IMessage question, int most, CancellationToken cancellation)
    {
        var call = new Method<IMessage, byte[]>(
            method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, method.Service.FullName, method.Name,
            Marshallers.Create<IMessage>(m => m.ToByteArray(), _ => throw new NotSupportedException()), Marshallers.Create<byte[]>(b => b, b => b));
        var answers = new List<byte[]>();
        try
        {
            if (method.IsServerStreaming)
            {
                using var stream = caller.AsyncServerStreamingCall(call, null, default, question);
                while (answers.Count < most && await stream.ResponseStream.MoveNext(cancellation))
                {
                    answers.Add(stream.ResponseStream.Current);
                }
            }
            else
            {
                using var unary = caller.AsyncUnaryCall(call, null, default, question);
                answers.Add(await unary);
            }

            return (Status.DefaultSuccess, answers);
        }
        catch (RpcException e)
        {
            return (e.Status, answers);
        }
    }
}
