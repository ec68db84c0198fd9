using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Relay.Admin.OpenApi;

/// <summary>
/// Examples of bodies and answers, from <c>examples.json</c>: by operation, <c>request</c> and the status of an answer.
/// A test reads each as what it is an example of.
/// </summary>
internal static class Examples
{
    private static readonly JsonObject All = Read();

    /// <summary>The examples of an operation; null for none.</summary>
    public static JsonObject? Of(string operation) => All[operation] as JsonObject;

    /// <summary>Adds an operation's examples to it.</summary>
    public static void AddTo(OpenApiOperation operation)
    {
        foreach (var (status, response) in operation.Responses ?? [])
        {
            foreach (var (contentType, content) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                if (Find(operation.OperationId, status, contentType) is { } example)
                    content.Example = example.DeepClone();
            }
        }
        if (operation.RequestBody?.Content is { } bodies && Find(operation.OperationId, "request", "") is { } body)
        {
            foreach (var media in bodies.Values)
                media.Example = body.DeepClone();
        }
    }

    private static JsonNode? Find(string? operation, string part, string contentType) =>
        (operation is null ? null : Of(operation)?[part])
        ?? (contentType == Http.Problem.ContentType ? Of("problems")?[part] : null);

    private static JsonObject Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("examples.json")!;
        return (JsonObject)JsonNode.Parse(stream)!;
    }
}
