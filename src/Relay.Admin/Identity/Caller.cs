using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Relay.Fleet.Contract;

namespace Relay.Admin.Identity;

/// <summary>Who sends a request.</summary>
/// <param name="Name">The name of the token; <see cref="LocalName"/> where none is asked for.</param>
/// <param name="Token">The token that was shown; null where none is asked for.</param>
internal sealed record Caller(string Name, AdminToken? Token)
{
    /// <summary>The name of whoever reaches an address that asks for no token.</summary>
    public const string LocalName = "local";

    /// <summary>Whether reports for a node are accepted.</summary>
    public bool MaySpeakFor(string node) => Token is null || Token.FitsNode(node);

    /// <summary>Whether it is a node's token, which may ask for nothing but what concerns its own nodes.</summary>
    public bool IsNode => Token?.Role == AdminRole.Node;

    /// <summary>Who sends a node's reports, where the token is one of many nodes; null of others.</summary>
    public ReportSender? SenderOf(HttpContext http) =>
        Token is { IsPattern: true } ? new ReportSender(Token.Name, SourceOf(http)) : null;

    /// <summary>Who sends this request; null where nobody is known.</summary>
    public static Caller? Of(HttpContext http) => http.Features.Get<Caller>();

    /// <summary>The source of a request, for limits: an IPv4 address, or the /64 of an IPv6 one.</summary>
    public static string SourceOf(HttpContext http) => http.Features.Get<ConnectionSource>()?.Text ?? SourceOf(http.Connection.RemoteIpAddress);

    /// <summary>The source that an address is of, for limits.</summary>
    public static string SourceOf(IPAddress? address)
    {
        address ??= IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(address)
            ? new IPNetwork(Masked(address), 64).ToString()
            : address.ToString();
    }

    /// <summary>What a request is counted to: its token, or without one its source.</summary>
    public static Account AccountOf(HttpContext http) => Of(http) is { Token: not null } caller
        ? new Account(AccountKind.Token, caller.Name) : new Account(AccountKind.Source, SourceOf(http));

    private static IPAddress Masked(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}

/// <summary>The source of a connection, as <see cref="Caller.SourceOf(IPAddress)"/> has it: a feature of it, so that its requests need not make it anew.</summary>
internal sealed record ConnectionSource(string Text);
