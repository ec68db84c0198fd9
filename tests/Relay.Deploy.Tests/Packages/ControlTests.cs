using System.Text.RegularExpressions;
using System.Xml.Linq;
using Relay.Packaging;

namespace Relay.Deploy.Tests.Packages;

/// <summary>What the Debian package says of itself.</summary>
public sealed partial class ControlTests
{
    private static readonly Dictionary<string, string> Fields = Repository.Read("deploy/package/debian/control").Split('\n')
        .Where(static line => line.Length > 0 && line[0] != ' ').Select(static line => line.Split(": ", 2))
        .ToDictionary(static pair => pair[0], static pair => pair[1]);

    [Fact]
    public void Fields_AreThoseThatAPackageMustHave() => Assert.Superset(
        new HashSet<string> { "Package", "Version", "Architecture", "Maintainer", "Description", "Section", "Priority", "Installed-Size" },
        Fields.Keys.ToHashSet());

    /// <summary>Each library that the engine loads by its soname is of a package that is named, which Debian derives from it.</summary>
    [Fact]
    public void Libraries_ThatTheEngineLoads_AreOfPackagesThatAreNamed()
    {
        var script = Repository.Read("eng/package.sh");
        var named = PackageName().Matches($"{Fields["Depends"]}, {Fields["Recommends"]}, {Fields["Suggests"]}, {script}")
            .Select(static match => match.Value).ToHashSet();
        var sonames = Directory.EnumerateFiles(Repository.PathOf("src/Relay.Native"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(static path => Soname().Matches(File.ReadAllText(path))).Select(static match => match.Value.Trim('"')).Distinct().ToList();
        Assert.Contains("libngtcp2.so.16", sonames);
        Assert.All(sonames, soname => Assert.True(named.Contains(PackageOf(soname)), $"{soname}: {PackageOf(soname)}"));
    }

    [Theory]
    [InlineData("libngtcp2.so.16", "libngtcp2-16")]
    [InlineData("libngtcp2_crypto_gnutls.so.8", "libngtcp2-crypto-gnutls8")]
    [InlineData("libcrypto.so.3", "libssl3")]
    public void Package_OfASoname_IsDebians(string soname, string package) => Assert.Equal(package, PackageOf(soname));

    /// <summary>What a test needs of Debian 13 is what the package asks for there.</summary>
    [Fact]
    public void Engine_OfTheScripts_IsWhatThePackageDependsOn()
    {
        var scripts = Regex.Match(Repository.Read("eng/packages.sh"), "engine_packages=\"(.*)\"").Groups[1].Value.Split(' ');
        Assert.All(scripts, static package => Assert.Contains($" {package} (>= ", Fields["Depends"], StringComparison.Ordinal));
    }

    [Fact]
    public void Version_IsTheProjects() => Assert.Equal("@VERSION@", Fields["Version"]);

    [Fact]
    public void Tools_OfTheManifest_ArePinned()
    {
        var manifest = Repository.Read(".config/dotnet-tools.json");
        Assert.Matches("\"cyclonedx\": \\{\\s+\"version\": \"\\d+\\.\\d+\\.\\d+\"", manifest);
        Assert.Contains("dotnet tool restore", Repository.Read("eng/package.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_OfThePackage_AreThoseThatThereAre()
    {
        var programs = ((string[])["src", "tools"]).SelectMany(static folder => Directory.EnumerateFiles(
                Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .SelectMany(static path => XDocument.Load(path).Descendants("AssemblyName")).Select(static name => name.Value);
        Assert.Equal(programs.Order(StringComparer.Ordinal), PackagedProgram.All.Select(static one => one.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Debian Policy 8.1: the soname without ".so", in small letters, with a hyphen before the number where a digit would precede it.</summary>
    private static string PackageOf(string soname)
    {
        var (name, number) = soname.Split(".so.") is [var first, var second] ? (first, second) : throw new ArgumentException(soname);
        // OpenSSL's two libraries are one package.
        name = name == "libcrypto" ? "libssl" : name.ToLowerInvariant().Replace('_', '-');
        return char.IsAsciiDigit(name[^1]) ? $"{name}-{number}" : $"{name}{number}";
    }

    [GeneratedRegex("\"lib\\w+\\.so\\.\\d+\"")]
    private static partial Regex Soname();

    [GeneratedRegex(@"\blib[a-z0-9-]+")]
    private static partial Regex PackageName();
}
