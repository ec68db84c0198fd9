
namespace Relay.Dashboard.Tests.Browser;

/// <summary>
/// Every view, over <see cref="Relay.Testing.Fleets.SampleFleet"/>: its name, its address, and a text by which it is complete.
/// </summary>
internal static class Views
{
    public static readonly (string Name, string Address, string Text)[] All =
    [
        ("fleet", "#/", "edge-ams-1"),
        ("node", "#/nodes/edge-fra-2", "Event loops"),
        ("node-silent", "#/nodes/edge-syd-1", "Last heard of"),
        ("drains", "#/drains", "Rollout of 0.9.2"),
        ("drain", "#/drains/9f04c2d7e8b1436aa5d0", "waits for its turn"),
        ("sessions", "#/sessions?identity=credential%3Aalice", "sessions"),
        ("session", "#/sessions/s0002QkFzZTY0dXJsLXNhZmU", "Egress addresses"),
        ("prefixes", "#/prefixes", "v6-lab"),
        ("pool", "#/prefixes/v6-main", "Not free"),
        ("limits", "#/limits", "credential:ci-runner"),
        ("users", "#/users", "mallory"),
        ("user", "#/users/alice", "laptop"),
        ("help", "#/help", "OpenAPI"),
        ("events", "#/events", "v6-spare"),
    ];
}
