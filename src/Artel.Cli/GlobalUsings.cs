// The words for people are the protocol's, shared with the dashboard.
global using Artel.Protocol.Text;

// The wire has a Task, a Stream and a Node of its own. Here the short names are .NET's, and the wire's say so.
global using Stream = System.IO.Stream;
global using Task = System.Threading.Tasks.Task;
global using WireNode = Artel.Protocol.V1.Node;
global using WireStream = Artel.Protocol.V1.Stream;
global using WireTask = Artel.Protocol.V1.Task;
