// What is kept for its owner only is the same for server and nodes.
global using Artel.Protocol.Files;
