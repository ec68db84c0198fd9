using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Fleet.Contract;

namespace Relay.Admin.Diagnostics;

/// <summary>How the history tells of a request that changes something: by the name of its route.</summary>
/// <param name="Done">What somebody did.</param>
/// <param name="Do">The same, where it was refused.</param>
/// <param name="To">To what, with values of the route in braces.</param>
/// <param name="Type">What that is (<see cref="EventSubject.Type"/>).</param>
/// <param name="Name">The value of the route that is its name; null where there is none.</param>
internal sealed record ActionWords(string Done, string Do, string To, string Type, string? Name)
{
    private const int MaxName = 256;

    private static readonly Dictionary<string, ActionWords> All = new(StringComparer.Ordinal)
    {
        ["importFleet"] = new("imported", "import", "a state of the fleet", "fleet", null),
        ["forgetNode"] = new("forgot", "forget", "node {id}", "node", "id"),
        ["quarantineNode"] = new("quarantined", "quarantine", "node {id}", "node", "id"),
        ["liftQuarantine"] = new("lifted", "lift", "the quarantine of node {id}", "node", "id"),
        ["drainNode"] = new("drained", "drain", "node {id}", "node", "id"),
        ["undrainNode"] = new("undrained", "undrain", "node {id}", "node", "id"),
        ["startDrain"] = new("began", "begin", "a drain of several nodes", "drain", null),
        ["cancelDrain"] = new("cancelled", "cancel", "drain {id}", "drain", "id"),
        ["endSession"] = new("ended", "end", "session {id}", "session", "id"),
        ["putPrefixPool"] = new("changed", "change", "pool {name}", "pool", "name") { Made = "defined" },
        ["deletePrefixPool"] = new("removed", "remove", "pool {name}", "pool", "name"),
        ["revokeLease"] = new("revoked", "revoke", "block {prefix} of pool {name}", "pool", "name"),
        ["putUser"] = new("changed", "change", "user {name}", "user", "name") { Made = "added" },
        ["deleteUser"] = new("removed", "remove", "user {name}", "user", "name"),
        ["addDevice"] = new("gave", "give", "user {name} a device", "user", "name"),
        ["removeDevice"] = new("removed", "remove", "device {id} of user {name}", "user", "name"),
        ["beginEnrolment"] = new("made", "make", "a link for user {name}", "user", "name") { IsToldByFleet = true },
        ["confirmUserStore"] = new("confirmed", "confirm", "the store of users", "fleet", null),
        ["putLimit"] = new("changed", "change", "the limit of {identity}", "identity", "identity") { Made = "set" },
        ["deleteLimit"] = new("lifted", "lift", "the limit of {identity}", "identity", "identity"),
        ["makeAppleProfile"] = new("made", "make", "a profile for Apple's devices", "profile", null),
        ["makeAppleDeclarations"] = new("made", "make", "declarations for Apple's devices", "profile", null),
    };

    /// <summary>The routes that it has words for.</summary>
    public static IReadOnlyCollection<string> Routes => All.Keys;

    /// <summary>What somebody did where it was not there before.</summary>
    public string? Made { get; init; }

    /// <summary>Whether the fleet tells of it by itself, where it was done.</summary>
    public bool IsToldByFleet { get; init; }

    /// <summary>The words for a request; null where there are none.</summary>
    public static ActionWords? Of(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>() is { } route ? All.GetValueOrDefault(route.EndpointName) : null;

    /// <summary>What was done to what.</summary>
    public string Tell(HttpContext http, bool isDone) =>
        $"{(!isDone ? Do : http.Response.StatusCode == StatusCodes.Status201Created ? Made ?? Done : Done)} {Fill(http)}";

    /// <summary>To what: of a drain that was begun, what it is called.</summary>
    public EventSubject SubjectOf(HttpContext http) => new(
        Type, Name is not null ? ValueOf(http, Name)
            : Type == "drain" && http.Response.Headers.Location.ToString() is { Length: > 0 } at ? at[(at.LastIndexOf('/') + 1)..] : Type);

    private string Fill(HttpContext http) =>
        string.Concat(To.Split('{', '}').Select((part, i) => i % 2 == 0 ? part : ValueOf(http, part)));

    // What a client wrote: a path, which may hold anything.
    private static string ValueOf(HttpContext http, string name)
    {
        var text = Uri.UnescapeDataString($"{http.Request.RouteValues[name]}");
        return Names.IsText(text, MaxName) ? text : AuditLog.Cut(Uri.EscapeDataString(text), MaxName);
    }
}
