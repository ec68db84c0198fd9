using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Relay.Protocol.Tests;

/// <summary>
/// The protocol does no I/O, does not wait, does not know the time and has no unsafe code. The base class library could
/// do all of that, so the compiled assembly's references are checked.
/// </summary>
public class AssemblySurfaceTests
{
    private static readonly string[] BannedNamespaces =
    [
        "System.IO",
        "System.Net.Http",
        "System.Net.NetworkInformation",
        "System.Net.Quic",
        "System.Net.Security",
        "System.Net.Sockets",
        "System.Threading",
        "System.Timers",
        "System.Runtime.InteropServices",
    ];

    private static readonly string[] BannedTypes =
    [
        "System.Console",
        "System.DateTime",
        "System.DateTimeOffset",
        "System.Diagnostics.Stopwatch",
        "System.Environment",
        "System.Net.Dns",
        "System.Random",
        "System.Runtime.CompilerServices.Unsafe",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.Security.UnverifiableCodeAttribute",
        "System.TimeProvider",
    ];

    // What the compiler writes for a reference that is read only.
    private const string CompilersOwn = "System.Runtime.InteropServices.InAttribute";

    private static readonly string[] BannedMembers =
    [
        "System.Guid.NewGuid",
        "System.Guid.CreateVersion7",
    ];

    [Fact]
    public void Protocol_References_AreTheBaseClassLibraryOnly()
    {
        var names = Read(reader => reader.AssemblyReferences
            .Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))
            .ToArray());

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.DoesNotContain(names, name => BannedNamespaces.Any(banned => IsWithin(name, banned)));
    }

    [Fact]
    public void Protocol_TypeReferences_HoldNeitherIoNorTasksNorClocks()
    {
        var types = Read(reader => reader.TypeReferences.Select(handle => NameOf(reader, handle)).ToArray());

        Assert.Contains("System.Net.IPAddress", types);
        Assert.DoesNotContain(types, IsBanned);
    }

    [Fact]
    public void Protocol_MemberReferences_HoldNoHiddenClockOrRandomness()
    {
        var members = Read(reader => reader.MemberReferences
            .Select(reader.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member =>
                $"{NameOf(reader, (TypeReferenceHandle)member.Parent)}.{reader.GetString(member.Name)}")
            .ToArray());

        Assert.NotEmpty(members);
        Assert.DoesNotContain(members, member => BannedMembers.Contains(member));
    }

    [Fact]
    public void Protocol_Members_HaveNoPointersAndNoNativeCalls()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
            | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        foreach (var type in typeof(Capsule).Assembly.GetTypes())
        {
            Assert.DoesNotContain(type.GetFields(All), field => field.FieldType.IsPointer);
            Assert.All(type.GetMethods(All), method =>
            {
                Assert.False(method.Attributes.HasFlag(MethodAttributes.PinvokeImpl), method.Name);
                Assert.False(method.ReturnType.IsPointer, method.Name);
                Assert.DoesNotContain(method.GetParameters(), parameter => parameter.ParameterType.IsPointer);
            });
        }
    }

    [Fact]
    public void Protocol_PublicTypes_AreInOneNamespace() =>
        Assert.All(typeof(Capsule).Assembly.GetExportedTypes(), type => Assert.Equal("Relay.Protocol", type.Namespace));

    private static bool IsBanned(string type) =>
        type != CompilersOwn
        && (BannedTypes.Contains(type) || BannedNamespaces.Any(banned => IsWithin(type, banned)));

    private static bool IsWithin(string name, string banned) =>
        name == banned || name.StartsWith(banned + ".", StringComparison.Ordinal);

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }

    private static T Read<T>(Func<MetadataReader, T> read)
    {
        using var file = File.OpenRead(typeof(Capsule).Assembly.Location);
        using var image = new PEReader(file);
        return read(image.GetMetadataReader());
    }
}
