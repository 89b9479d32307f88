global using Ended = Artel.Testing.Ended;
global using Task = System.Threading.Tasks.Task;
