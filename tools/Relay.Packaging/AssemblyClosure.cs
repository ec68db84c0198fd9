using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Relay.Packaging;

/// <summary>
/// Which assemblies of a folder can be needed: those that the programs refer to, type by type, and so on. A facade, which only says
/// where its types are now, leads to those that somebody asks it for, and to no others: of netstandard that is everything there is.
/// </summary>
internal sealed class AssemblyClosure : IDisposable
{
    private readonly Dictionary<string, (PEReader File, MetadataReader Metadata)> _assemblies = [];
    private readonly HashSet<string> _needed = [];
    private readonly HashSet<(string Assembly, string Space, string Name)> _types = [];
    private readonly HashSet<string> _read = [];
    private readonly Queue<string> _toRead = new();

    private AssemblyClosure(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.dll"))
        {
            var file = new PEReader(File.OpenRead(path));
            if (file.HasMetadata && file.GetMetadataReader() is { IsAssembly: true } metadata)
                _assemblies[metadata.GetString(metadata.GetAssemblyDefinition().Name)] = (file, metadata);
            else
                file.Dispose();
        }
    }

    /// <summary>The names of those that are needed.</summary>
    /// <param name="folder">Where all are.</param>
    /// <param name="programs">Those that are started.</param>
    public static IReadOnlySet<string> Of(string folder, IEnumerable<string> programs)
    {
        using var closure = new AssemblyClosure(folder);
        // What every program stands on, whether it names it or not; and parts of Orleans find each other by their names.
        foreach (var name in programs.Append("System.Private.CoreLib").Append("System.Runtime")
            .Concat(closure._assemblies.Keys.Where(static name => name.StartsWith("Orleans.", StringComparison.Ordinal))))
            closure.Read(name);
        while (closure._toRead.TryDequeue(out var next))
            closure.Follow(closure._assemblies[next].Metadata);
        return closure._needed;
    }

    /// <summary>Whether an assembly has machine code beside its IL.</summary>
    public static bool IsCompiled(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.PEHeaders.CorHeader?.ManagedNativeHeaderDirectory.Size > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (file, _) in _assemblies.Values)
            file.Dispose();
    }

    private void Read(string assembly)
    {
        if (_assemblies.ContainsKey(assembly) && _read.Add(assembly))
        {
            _needed.Add(assembly);
            _toRead.Enqueue(assembly);
        }
    }

    private void Follow(MetadataReader metadata)
    {
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            if (type.ResolutionScope.Kind == HandleKind.AssemblyReference)
                Ask(NameOf(metadata, type.ResolutionScope), metadata.GetString(type.Namespace), metadata.GetString(type.Name));
        }
    }

    private void Ask(string assembly, string space, string name)
    {
        if (!_assemblies.TryGetValue(assembly, out var found) || !_types.Add((assembly, space, name)))
            return;
        _needed.Add(assembly);
        foreach (var handle in found.Metadata.ExportedTypes)
        {
            var exported = found.Metadata.GetExportedType(handle);
            if (exported.IsForwarder && exported.Implementation.Kind == HandleKind.AssemblyReference
                && found.Metadata.StringComparer.Equals(exported.Name, name) && found.Metadata.StringComparer.Equals(exported.Namespace, space))
            {
                Ask(NameOf(found.Metadata, exported.Implementation), space, name);
                return;
            }
        }
        Read(assembly);
    }

    private static string NameOf(MetadataReader metadata, EntityHandle reference) =>
        metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)reference).Name);
}
