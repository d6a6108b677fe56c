; The signer's set-up for Windows: for one user, without an administrator. Makes a menu entry, starts
; with Windows, and can be taken away again. /S installs silently.
Unicode true
Name "Bank signer"
OutFile "${TARGET}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Bank signer"
ShowInstDetails nevershow
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\BankSigner"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"

Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

; It starts with Windows, so it runs when a newer one is installed: Windows would keep the old file.
; Without an administrator's rights this ends the user's own one only.
!macro EndRunning
  nsExec::Exec 'taskkill /F /IM bank-signer.exe'
  Pop $0
  Sleep 1000
!macroend

Section "Install"
  !insertmacro EndRunning
  SetOutPath "$INSTDIR"
  ClearErrors
  File "/oname=bank-signer.exe" "${PROGRAM}"
  IfErrors 0 +3
  SetErrorLevel 2
  Abort "The program that runs could not be replaced. End it, and start this set-up again."
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Bank signer.lnk" "$INSTDIR\bank-signer.exe"
  WriteRegStr HKCU "${RUN}" "BankSigner" '"$INSTDIR\bank-signer.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Bank signer"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  IfSilent +2
  Exec '"$INSTDIR\bank-signer.exe"'
SectionEnd

Section "Uninstall"
  !insertmacro EndRunning
  DeleteRegValue HKCU "${RUN}" "BankSigner"
  DeleteRegKey HKCU "${UNINSTALL}"
  Delete "$SMPROGRAMS\Bank signer.lnk"
  Delete "$INSTDIR\bank-signer.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
