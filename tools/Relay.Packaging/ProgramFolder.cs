using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Packaging;

/// <summary>The folder of all programs with one runtime: what the SDK makes of one program, of four; without assemblies that none refers to.
/// </summary>
internal static class ProgramFolder
{
    /// <summary>What debuggers and tracers bring themselves, and collectors of garbage that nobody chose.</summary>
    private static readonly string[] LeftOut =
        ["createdump", "libmscordaccore.so", "libmscordbi.so", "libclrgc.so", "libclrgcexp.so", "libcoreclrtraceptprovider.so"];

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    /// <summary>What a host has in place of its program's name (SHA-256 of "foobar").</summary>
    private static readonly byte[] NameOfNone = Encoding.ASCII.GetBytes("c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2");

    /// <summary>Makes it.</summary>
    /// <param name="built">Where the programs are as they were built, for any processor.</param>
    /// <param name="packages">Of NuGet.</param>
    /// <param name="version">The runtime's.</param>
    /// <param name="runtime">Its identifier, such as linux-x64.</param>
    /// <param name="folder">Where all goes; the folder is made.</param>
    public static void Make(string built, string packages, string version, string runtime, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(built, "*.dll"))
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        File.Delete(Path.Combine(folder, $"{typeof(ProgramFolder).Assembly.GetName().Name}.dll"));
        foreach (var pack in (string[])["microsoft.netcore.app.runtime", "microsoft.aspnetcore.app.runtime"])
        {
            var content = Path.Combine(packages, $"{pack}.{runtime}", version, "runtimes", runtime);
            foreach (var path in Directory.EnumerateFiles(Path.Combine(content, "lib", "net10.0"), "*.dll"))
                Take(path, Path.Combine(folder, Path.GetFileName(path)));
            foreach (var path in Directory.Exists(Path.Combine(content, "native")) ? Directory.EnumerateFiles(Path.Combine(content, "native")) : [])
            {
                if (!LeftOut.Contains(Path.GetFileName(path)) && Path.GetExtension(path) != ".a")
                    Take(path, Path.Combine(folder, Path.GetFileName(path)));
            }
        }
        var host = File.ReadAllBytes(Path.Combine(packages, $"microsoft.netcore.app.host.{runtime}", version, "runtimes", runtime, "native", "apphost"));
        foreach (var program in PackagedProgram.All.Select(static program => program.Name))
        {
            File.WriteAllBytes(Path.Combine(folder, program), HostOf(host, $"{program}.dll"));
            File.WriteAllText(
                Path.Combine(folder, $"{program}.runtimeconfig.json"),
                WithFrameworks(File.ReadAllText(Path.Combine(built, $"{program}.runtimeconfig.json")), version));
        }
        Prune(folder);
        var files = Directory.EnumerateFiles(folder).Select(static path => Path.GetFileName(path)).ToHashSet();
        foreach (var program in PackagedProgram.All.Select(static program => program.Name))
            File.WriteAllText(
                Path.Combine(folder, $"{program}.deps.json"),
                DependencyManifest.WithRuntime(File.ReadAllText(Path.Combine(built, $"{program}.deps.json")), files, version, runtime));
    }

    /// <summary>The assemblies that have no machine code beside their IL.</summary>
    public static IEnumerable<string> Uncompiled(string folder) => Directory.EnumerateFiles(folder, "*.dll")
        .Where(static path => !AssemblyClosure.IsCompiled(path)).Order(StringComparer.Ordinal);

    /// <summary>The program that starts an assembly.</summary>
    /// <exception cref="InvalidDataException">It is no host, or one already.</exception>
    public static byte[] HostOf(byte[] host, string assembly)
    {
        var at = host.AsSpan().IndexOf(NameOfNone);
        if (at < 0)
            throw new InvalidDataException("the host has no place for the name of its program");
        var made = host.ToArray();
        made.AsSpan(at, NameOfNone.Length).Clear();
        Encoding.ASCII.GetBytes(assembly, made.AsSpan(at));
        return made;
    }

    /// <summary>Of a configuration that asks for frameworks, one whose frameworks are beside it.</summary>
    public static string WithFrameworks(string config, string version)
    {
        var root = JsonNode.Parse(config)!;
        var options = root["runtimeOptions"]!.AsObject();
        var frameworks = options["frameworks"] as JsonArray ?? [options["framework"]!.DeepClone()];
        options.Remove("framework");
        options.Remove("frameworks");
        options["includedFrameworks"] = new JsonArray([.. frameworks.Select(framework => new JsonObject
        {
            ["name"] = (string)framework!["name"]!,
            ["version"] = version,
        })]);
        return root.ToJsonString(Layout) + "\n";
    }

    private static void Prune(string folder)
    {
        var needed = AssemblyClosure.Of(folder, PackagedProgram.All.Select(static program => program.Name));
        foreach (var path in Directory.EnumerateFiles(folder, "*.dll").Where(path => !needed.Contains(Path.GetFileNameWithoutExtension(path))))
            File.Delete(path);
    }

    // Where both bring an assembly, the newer is it, and of equals the runtime's, which is compiled ahead of time.
    private static void Take(string path, string target)
    {
        if (File.Exists(target) && AssemblyName.GetAssemblyName(target).Version > AssemblyName.GetAssemblyName(path).Version)
            return;
        File.Copy(path, target, overwrite: true);
    }
}
