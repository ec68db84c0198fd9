using System.Text;
using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9298 §3: paths of UDP tunnels.</summary>
internal sealed class UdpPathTarget() : FuzzTarget(
    "a path that is taken begins as its template does, and the target's own expansion is read back")
{
    private static readonly ConnectUdpTemplate[] Templates =
        [ConnectUdpTemplate.Default, Of("/masque{?target_host,target_port}"), Of("/p/{target_port}/of/{target_host}.x")];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. "/.well-known/masque/udp/|/masque?target_host=|&target_port=|/p/|/of/|.x|%3A|%253A|%25|%2e|443/|::1".Split('|')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        foreach (var template in Templates)
        {
            if (!template.TryParsePath(input, out var target))
            {
                Check.Same(default, target, "nothing where it is refused");
                continue;
            }
            Check.That(template.HasPrefix(input), "begins as the template does");
            AuthorityTarget.Examine(target);
            Check.That(
                template.TryParsePath(Encoding.ASCII.GetBytes(template.Expand(target.Host, target.Port)), out var again),
                "its expansion is read back");
            Check.Same(target, again, "the same target");
        }
    }

    private static ConnectUdpTemplate Of(string text) =>
        ConnectUdpTemplate.TryParse(text, out var template, out var error)
            ? template : throw new InvalidOperationException(error);
}

/// <summary>RFC 9298 §2: the operator's templates.</summary>
internal sealed class UdpTemplateTarget() : FuzzTarget(
    "it is refused with a reason, or its expansions are paths that are read back")
{
    private static readonly TargetAuthority[] Targets =
        [new("a.example", 443), new("2001:db8::1", 65535), new("192.0.2.1", 1), new("_x-1.test.", 53)];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. "{target_host}|{target_port}|{?target_host,target_port}|{&target_port}|{target_port,target_host}|%2F|/|?|~|.|{|}"
            .Split('|').Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.Latin1.GetString(input);
        var isTaken = ConnectUdpTemplate.TryParse(text, out var template, out var error);
        Check.That(isTaken == (template is not null) && isTaken == (error is null), "a template or a reason");
        if (template is null)
            return;
        Check.Same(text, template.ToString(), "as it was written");
        foreach (var target in Targets)
        {
            var path = template.Expand(target.Host, target.Port);
            Check.That(path.StartsWith('/') && path.All(static letter => letter is > ' ' and <= '~'), "a path");
            var bytes = Encoding.ASCII.GetBytes(path);
            Check.That(template.HasPrefix(bytes), "its prefix");
            Check.That(template.TryParsePath(bytes, out var again), $"read back: {path}");
            Check.Same(target, again, "the same target");
        }
    }
}
