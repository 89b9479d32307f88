using Artel.Protocol.Maps;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// Binds <see cref="ClusterService"/> with a reader of requests that counts what is in a job before anything is made of it: a message of 32 MiB may hold sixteen million tasks, and
/// each becomes a kilobyte of objects.
/// </summary>
internal static class BoundedCluster
{
    /// <summary>Found by name, as the generated class has it.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => V1.Cluster.Descriptor;

    /// <summary>Found by name and parameters.</summary>
    public static void BindService(ServiceBinderBase binder, V1.Cluster.ClusterBase? service) =>
        V1.Cluster.BindService(new CountingBinder(binder), service!);

    /// <summary>Refuses a job that is larger than a submission may be.</summary>
    /// <param name="size">Null: it is no such message.</param>
    public static void Require(SubmissionSize? size)
    {
        if (size is not { } counted)
        {
            throw Refusals.Invalid("the request is no message of this protocol");
        }

        if (SubmissionLimits.Problem(counted) is { } refusal)
        {
            throw Refusals.Invalid(refusal.ToString());
        }
    }

    private sealed class CountingBinder(ServiceBinderBase inner) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Counting(method), handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(method, handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(method, handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(method, handler);

        private static Method<TRequest, TResponse> Counting<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class =>
            method is Method<V1.SubmitRequest, TResponse> submit ? (Method<TRequest, TResponse>)(object)Counting(submit, V1.SubmitRequest.Parser, V1.SubmitRequest.Descriptor)
            : method is Method<V1.AddScheduleRequest, TResponse> add ? (Method<TRequest, TResponse>)(object)Counting(add, V1.AddScheduleRequest.Parser, V1.AddScheduleRequest.Descriptor)
            : method;

        private static Method<TRequest, TResponse> Counting<TRequest, TResponse>(
            Method<TRequest, TResponse> method, MessageParser<TRequest> parser, MessageDescriptor type)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class => new(
                method.Type,
                method.ServiceName,
                method.Name,
                new Marshaller<TRequest>(method.RequestMarshaller.ContextualSerializer, context =>
                {
                    var payload = context.PayloadAsReadOnlySequence();
                    Require(SubmissionSize.OfMessage(payload.IsSingleSegment ? payload.FirstSpan : System.Buffers.BuffersExtensions.ToArray(payload), type));
                    return parser.ParseFrom(payload);
                }),
                method.ResponseMarshaller);
    }
}
