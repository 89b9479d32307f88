using Artel.Protocol.Maps;

namespace Artel.Node.Work;

/// <summary>One lease, taken out of the backlog to be started.</summary>
/// <param name="Lease">The server's grant.</param>
/// <param name="Template">What to run.</param>
/// <param name="Task">Its number within the job.</param>
/// <param name="Position">Of its index within the template's array.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="Entry">Null: its template has none.</param>
internal readonly record struct GrantedTask(LeaseId Lease, JobTemplate Template, int Task, int Position, int Attempt, TaskEntry? Entry);
