# Installs a released Clearpost for Windows, after its checksum was compared.
#   $env:CLEARPOST_RELEASES = "https://HOST/OWNER/REPOSITORY/releases/download"
#   $env:CLEARPOST_VERSION = "0.1.0"
#   .\install.ps1 [-Folder FOLDER]
param([string]$Folder = "$env:LOCALAPPDATA\Programs\clearpost")
$ErrorActionPreference = "Stop"
if (-not $env:CLEARPOST_RELEASES) { throw "say where the releases are: set CLEARPOST_RELEASES" }
if (-not $env:CLEARPOST_VERSION) { throw "say which version: set CLEARPOST_VERSION" }
$name = "clearpost-$($env:CLEARPOST_VERSION)-x86_64-pc-windows-msvc"
$from = "$($env:CLEARPOST_RELEASES)/v$($env:CLEARPOST_VERSION)"
$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory -Path $work | Out-Null
try {
    Invoke-WebRequest -UseBasicParsing "$from/$name.zip" -OutFile "$work\$name.zip"
    Invoke-WebRequest -UseBasicParsing "$from/SHA256SUMS" -OutFile "$work\SHA256SUMS"
    $line = Get-Content "$work\SHA256SUMS" | Where-Object { $_ -match "^([0-9a-f]{64})  $([Regex]::Escape($name))\.zip$" }
    if (-not $line) { throw "SHA256SUMS does not name $name.zip" }
    $wanted = $line.Substring(0, 64)
    $found = (Get-FileHash -Algorithm SHA256 "$work\$name.zip").Hash.ToLower()
    if ($found -ne $wanted) { throw "the checksum of $name.zip is not the published one; nothing was installed" }
    Expand-Archive "$work\$name.zip" -DestinationPath $work
    New-Item -ItemType Directory -Force -Path $Folder | Out-Null
    Copy-Item -Force "$work\$name\clearpost.exe" "$Folder\clearpost.exe"
    Write-Output "installed $(& "$Folder\clearpost.exe" --version) in $Folder"
} finally {
    Remove-Item -Recurse -Force $work
}
