using System.Reflection;
using Relay.Admin.Hosting;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Native.Quic;
using Relay.Protocol;
using Relay.Testing.Architecture;

namespace Relay.Node.Tests.Architecture;

/// <summary>Who may reference whom: the rules of docs/design.md, read off the built assemblies.</summary>
public class ReferenceTests
{
    private static readonly Assembly Node = typeof(Relay.Node.Io.LoopTimers).Assembly;
    private static readonly Assembly Native = typeof(QuicConnection).Assembly;

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Relay.Protocol"] = [],
        ["Relay.Native"] = [],
        ["Relay.Fleet"] = [],
        // Of the last only the clock that counts a suspension.
        ["Relay.Hosting"] = ["Relay.Fleet", "Relay.Grains", "Relay.Native"],
        ["relay-admin"] = ["Relay.Fleet", "Relay.Hosting"],
        ["relay-node"] =
            ["Relay.Protocol", "Relay.Native", "Relay.Fleet", "relay-admin", "Relay.Hosting"],
    };

    private static readonly string[] MayNameNative =
        [
        "Relay.Node.Io", "Relay.Node.Egress", "Relay.Node.Streams", "Relay.Node.Http2", "Relay.Node.Http3",
        "Relay.Node.Server", "Relay.Node.Hosting",
    ];

    [Fact]
    public void Assemblies_Siblings_AreReferencedOnlyWhereAllowed()
    {
        foreach (var assembly in (Assembly[])
            [
                typeof(Capsule).Assembly, Native, typeof(NodeReport).Assembly, typeof(StartException).Assembly,
                typeof(AdminHost).Assembly, Node,
            ])
        {
            var siblings = assembly.GetReferencedAssemblies().Select(static name => name.Name!)
                .Where(static name => name.StartsWith("Relay.", StringComparison.Ordinal)
                    || name.StartsWith("relay-", StringComparison.Ordinal));
            Assert.Empty(siblings.Except(Allowed[assembly.GetName().Name!]));
        }
    }

    [Fact]
    public void ProtocolAndNative_References_AreTheFrameworkOnly()
    {
        foreach (var assembly in (Assembly[])[typeof(Capsule).Assembly, Native])
        {
            Assert.All(
                assembly.GetReferencedAssemblies(),
                static name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Native_IsNamedOnlyByTheFoldersOfTheDataPath()
    {
        var offenders = Node.GetTypes()
            .Where(static type => !MayNameNative.Contains(NamespaceOf(type)))
            .Where(type => TypeUses.Of(type).Any(used => used.Assembly == Native))
            .Select(static type => type.FullName);
        Assert.Empty(offenders);
    }

    [Fact]
    public void Grains_AreNamedWhereTheyAreHostedAndNowhereElse()
    {
        var named = ((Assembly[])[typeof(StartException).Assembly, typeof(AdminHost).Assembly, Node])
            .SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => TypeUses.Of(type).Any(static used => used.Assembly.GetName().Name == "Relay.Grains"))
            .Select(static type => (type.DeclaringType ?? type).FullName).Distinct();
        Assert.Equal(
            ["Relay.Hosting.Fleet.EncryptedSilo", "Relay.Hosting.Fleet.FleetHost", "Relay.Hosting.Fleet.SiloTlsOptions"],
            named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Native_TheDataPath_IsFoundByTheSameSearch()
    {
        Assert.Contains(TypeUses.Of(typeof(global::Relay.Node.Egress.UdpFlow)), static used => used.Assembly == Native);
        Assert.Contains(TypeUses.Of(typeof(Hosting.NativeRuntime)), static used => used.Assembly == Native);
    }

    [Fact]
    public void OpenTelemetry_IsNamedOnlyByTheExport()
    {
        var names = Node.GetTypes()
            .Where(static type => TypeUses.Of(type).Any(static used =>
                used.Assembly.GetName().Name!.StartsWith("OpenTelemetry", StringComparison.Ordinal)))
            .Select(NamespaceAndName).Distinct();
        Assert.Equal(["Relay.Node.Diagnostics.Export.TelemetryExport"], names);
    }

    [Fact]
    public void TheDataPath_NamesNoWebServer()
    {
        string[] folders = [.. MayNameNative, "Relay.Node.Tunnels", "Relay.Node.Targets"];
        var offenders = Node.GetTypes()
            .Where(type => folders.Contains(NamespaceOf(type)))
            .Where(static type => TypeUses.Of(type).Any(static used =>
                used.Assembly.GetName().Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)))
            .Select(static type => type.FullName);
        Assert.Empty(offenders);
    }

    [Fact]
    public void UnsafeCode_IsOnlyInNative()
    {
        Assert.True(IsUnsafe(Native));
        Assert.False(IsUnsafe(Node));
        Assert.False(IsUnsafe(typeof(Capsule).Assembly));
    }

    private static bool IsUnsafe(Assembly assembly) =>
        assembly.Modules.Any(static module =>
            module.GetCustomAttributes().Any(static a => a.GetType().Name == "UnverifiableCodeAttribute"));

    private static string NamespaceAndName(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.FullName!;
    }

    private static string? NamespaceOf(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace;
    }
}
