using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// A line for every change of the fleet that somebody asks for: who, from where, what, and what came of it; and the same for the fleet's
/// history. Ids are stable. No value of a line holds a control character: what clients wrote is percent-encoded or JSON. What others than operators
/// can repeat at will has a line for the first of a kind (<see cref="FirstOfKind"/>), with how many there were.
/// </summary>
internal sealed partial class AuditLog(ILoggerFactory logs, TimeProvider clock, HistoryOutbox history)
{
    // Apart: no stranger is to fill the places of who has a token.
    private readonly FirstOfKind _first = new(clock);
    private readonly FirstOfKind _strangers = new(clock);
    private readonly ILogger _log = logs.CreateLogger("relay-admin.audit");

    private const int MaxDetail = 1024;
    private const int MaxPath = 256;
    private const int MaxMethod = 16;
    private const int MaxNode = 64;

    /// <summary>A change was asked for and has been answered.</summary>
    /// <param name="http">The request, answered.</param>
    public void Changed(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var detail = Cut(http.Features.Get<AuditDetail>()?.Text ?? "", MaxDetail);
        if (Caller.Of(http)?.Token is { Role: not AdminRole.Operator } token)
        {
            var kind = status < 400 ? $"{token.Name} did {What(http)}" : $"{token.Name} was refused";
            if (!_first.TryPass(kind, Caller.SourceOf(http), out var held))
                return;
            detail += FirstOfKind.More(held);
        }
        Tell(http, status, detail);
        var location = http.Response.Headers.Location.ToString();
        if (status < 400)
            Done(_log, Who(http), How(http), What(http), status, From(http), location, detail);
        else
            Refused(_log, Who(http), How(http), What(http), status, From(http), detail);
    }

    /// <summary>A token was shown that is not known.</summary>
    public void WrongToken(HttpContext http)
    {
        if (_strangers.TryPass("wrong token", Caller.SourceOf(http), out var held))
        {
            WrongToken(_log, How(http), What(http), From(http), FirstOfKind.More(held));
            Refuse(http, $"a wrong token was shown for {How(http)} {What(http)}{FirstOfKind.More(held)}", StatusCodes.Status401Unauthorized);
        }
    }

    /// <summary>Somebody has made a device by a link.</summary>
    public void Enrolled(HttpContext http, Enrolment enrolment)
    {
        if (enrolment.Used is { } device)
            Enrolled(_log, enrolment.User, JsonEncodedText.Encode(device.Name).ToString(), device.Id, enrolment.By, From(http));
    }

    /// <summary>A link was tried that is none, or is over.</summary>
    public void WrongEnrolment(HttpContext http)
    {
        if (_strangers.TryPass("wrong enrolment", Caller.SourceOf(http), out var held))
        {
            WrongEnrolment(_log, From(http), FirstOfKind.More(held));
            Refuse(http, $"an enrolment was asked for that is none, or is over{FirstOfKind.More(held)}", StatusCodes.Status404NotFound);
        }
    }

    /// <summary>A node's report was refused.</summary>
    /// <param name="http">The request, answered.</param>
    public void ReportRefused(HttpContext http)
    {
        var status = http.Response.StatusCode;
        if (!_first.TryPass($"report of {Who(http)} refused: {status}", Caller.SourceOf(http), out var held))
            return;
        var node = Cut(Uri.EscapeDataString($"{http.Request.RouteValues["id"]}"), MaxNode);
        ReportRefused(_log, node, Who(http), status, From(http), FirstOfKind.More(held));
        Refuse(http, $"a report for {node} by {Who(http)} was refused: {status}{FirstOfKind.More(held)}", status, node);
    }

    /// <summary>Another process speaks for a node than the one before, which has not left.</summary>
    /// <param name="http">The report.</param>
    /// <param name="node">The node.</param>
    /// <param name="now">Which process it is.</param>
    /// <param name="before">Which it was.</param>
    public void NameTaken(HttpContext http, string node, Guid now, NodeProcess before)
    {
        if (!_first.TryPass($"name {node} taken", Caller.SourceOf(http), out var held))
            return;
        Refuse(http, $"{node} is another process now, though the one before has not left{FirstOfKind.More(held)}", status: null, node);
        NameTaken(_log, node, now, From(http), Who(http), before.Incarnation, before.Source, FirstOfKind.More(held));
    }

    private static string Who(HttpContext http) => Caller.Of(http)?.Name ?? "nobody";

    /// <summary>The method of a request as lines have it.</summary>
    internal static string How(HttpContext http) => Cut(http.Request.Method, MaxMethod);

    /// <summary>What comes before the token of an enrolment in a path.</summary>
    internal const string SecretPath = "/enroll/";

    /// <summary>The path of a request as lines have it: of a bounded length, and without the token of an enrolment.</summary>
    internal static string What(HttpContext http)
    {
        var path = http.Request.Path.ToUriComponent();
        var secret = path.IndexOf(SecretPath, StringComparison.OrdinalIgnoreCase);
        return secret < 0 ? Cut(path, MaxPath) : Cut(path[..(secret + SecretPath.Length)], MaxPath) + "…";
    }

    // Of one's own node a node may ask what an operator may, as often as it likes: such actions have no place among the operators'.
    private void Tell(HttpContext http, int status, string detail)
    {
        var words = ActionWords.Of(http);
        var isDone = status < 400;
        if (isDone && words is { IsToldByFleet: true })
            return;
        var who = Who(http);
        var text = isDone
            ? $"{who} {words?.Tell(http, isDone) ?? $"did {How(http)} {What(http)}"}"
            : $"{who} could not {words?.Tell(http, isDone) ?? $"{How(http)} {What(http)}"}: {status}";
        var subject = words?.SubjectOf(http);
        var kind = !isDone ? FleetEventKind.Refusal : Caller.Of(http) is { IsNode: true } ? FleetEventKind.Node : FleetEventKind.Action;
        history.Add(Of(http, kind, text, status) with
        {
            Subject = subject,
            Node = subject is { Type: "node" } ? subject.Name : null,
            User = subject is { Type: "user" } ? subject.Name : null,
            Detail = detail.Length > 0 ? detail : null,
        });
    }

    private void Refuse(HttpContext http, string text, int? status, string? node = null) => history.Add(
        Of(http, FleetEventKind.Refusal, text, status) with { Node = node, Subject = node is null ? null : new EventSubject("node", node) });

    private FleetEvent Of(HttpContext http, FleetEventKind kind, string text, int? status) =>
        FleetEvent.Of(kind, text, clock.GetUtcNow()) with { Actor = Caller.Of(http)?.Name, Status = status, Source = From(http) };

    internal static string Cut(string text, int most) => text.Length <= most ? text : text[..most] + "…";

    private static string From(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "?";

    [LoggerMessage(480, LogLevel.Information,
        "{Who} did {Method} {Path}: {Status}, from {Source}; {Location} {Detail}")]
    private static partial void Done(
        ILogger logger, string who, string method, string path, int status, string source, string location,
        string detail);

    [LoggerMessage(481, LogLevel.Warning, "{Who} was refused {Method} {Path}: {Status}, from {Source}; {Detail}")]
    private static partial void Refused(
        ILogger logger, string who, string method, string path, int status, string source, string detail);

    [LoggerMessage(482, LogLevel.Warning, "a wrong token was shown for {Method} {Path}, from {Source}{More}")]
    private static partial void WrongToken(ILogger logger, string method, string path, string source, string more);

    [LoggerMessage(485, LogLevel.Information, "{User} has enrolled the device {Device} ({Id}) by a link of {By}, from {Source}")]
    private static partial void Enrolled(ILogger logger, string user, string device, string id, string by, string source);

    [LoggerMessage(486, LogLevel.Warning, "an enrolment was asked for that is none, or is over, from {Source}{More}")]
    private static partial void WrongEnrolment(ILogger logger, string source, string more);

    [LoggerMessage(483, LogLevel.Warning, "a report for {Node} by {Who} was refused: {Status}, from {Source}{More}")]
    private static partial void ReportRefused(
        ILogger logger, string node, string who, int status, string source, string more);

    [LoggerMessage(484, LogLevel.Warning,
        "{Node} is another process now: {Process}, from {Source}, by {Who}; before it was {Former}, from {FormerSource}{More}")]
    private static partial void NameTaken(
        ILogger logger, string node, Guid process, string source, string who, Guid former, string formerSource, string more);
}

/// <summary>What a change is made of, for the audit line: JSON.</summary>
internal sealed record AuditDetail(string Text)
{
    /// <summary>Notes the body of a request.</summary>
    public static void Note<T>(HttpContext http, T body, JsonTypeInfo<T> type) =>
        http.Features.Set(new AuditDetail(JsonSerializer.Serialize(body, type)));
}
