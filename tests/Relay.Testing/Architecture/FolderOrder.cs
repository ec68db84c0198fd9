using System.Reflection;
using System.Text.RegularExpressions;

namespace Relay.Testing.Architecture;

/// <summary>A project's layers: a folder is a namespace, and names only folders below it.</summary>
public static partial class FolderOrder
{
    /// <summary>What the files that lie in a project's own folder count as.</summary>
    public const string Root = "(root)";

    /// <summary>Every reference that points upward, and every folder that the order does not know.</summary>
    /// <param name="assembly">The project as it is built.</param>
    /// <param name="rootNamespace">Its namespace, which is its folder's name too.</param>
    /// <param name="folders">Its folders, the lowest first; one within another counts as the outermost.</param>
    /// <returns>One line for each, which names both files; empty where all is in order.</returns>
    public static IReadOnlyList<string> Violations(Assembly assembly, string rootNamespace, string[] folders)
    {
        var layers = folders.Index().ToDictionary(static f => f.Item, static f => f.Index, StringComparer.Ordinal);
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in assembly.GetTypes())
        {
            if (FolderOf(type, rootNamespace) is not { } folder)
                continue;
            if (!layers.TryGetValue(folder, out var layer))
                lines.Add($"{folder} of {FileOf(type, rootNamespace)} is not in the order");
            foreach (var used in TypeUses.Of(type))
            {
                if (used.Assembly == assembly && FolderOf(used, rootNamespace) is { } other
                    && layers.TryGetValue(other, out var above) && above > layer)
                    lines.Add($"{FileOf(type, rootNamespace)} names {FileOf(used, rootNamespace)}, which is above it");
            }
        }
        return [.. lines];
    }

    /// <summary>Every source file whose namespace is not its folder.</summary>
    /// <param name="project">The project's folder, from the repository's root: <c>src/Relay.Node</c>.</param>
    public static IReadOnlyList<string> Misplaced(string project)
    {
        var root = Repository.PathOf(project);
        return
        [
            .. Sources(root)
                .Select(file => (
                    File: file, Wanted: string.Join('.', Path.GetRelativePath(Path.GetDirectoryName(root)!,
                        Path.GetDirectoryName(file)!).Split(Path.DirectorySeparatorChar)),
                    Declared: Namespace().Match(File.ReadAllText(file)).Groups[1].Value))
                .Where(static f => f.Declared.Length > 0 && f.Declared != f.Wanted)
                .Select(f => $"{Path.GetRelativePath(root, f.File)} is of {f.Declared}, its folder is {f.Wanted}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string? FolderOf(Type type, string rootNamespace)
    {
        // What the compiler adds has no namespace, or another's.
        if (type.Namespace is not { } space || !(space + '.').StartsWith(rootNamespace + '.', StringComparison.Ordinal))
            return null;
        return space.Length == rootNamespace.Length ? Root : space[(rootNamespace.Length + 1)..].Split('.')[0];
    }

    private static string FileOf(Type type, string rootNamespace)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        var name = type.Name.Split('`')[0];
        var folder = type.Namespace![rootNamespace.Length..].TrimStart('.').Replace('.', '/');
        var project = Directory.GetDirectories(Repository.PathOf("."), rootNamespace, new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 1,
        })[0];
        var declaration = new Regex($@"\b(class|struct|record|interface|enum|delegate)\b[^;{{}}()]*\b{name}\b");
        var file = Directory.GetFiles(Path.Combine(project, folder), "*.cs")
            .OrderByDescending(file => Path.GetFileNameWithoutExtension(file) == name)
            .FirstOrDefault(file => declaration.IsMatch(File.ReadAllText(file)));
        return file is null ? type.FullName! : Path.GetRelativePath(project, file);
    }

    private static IEnumerable<string> Sources(string root) =>
        Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(file =>
            Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
